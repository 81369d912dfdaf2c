using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using TerraFX.Interop.Windows;
using Tidemark.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Snapshots;

/// <summary>
/// A thread of our own in COM's multithreaded apartment, on which all calls of one snapshot set are made: the caller's may be
/// in another apartment, and the apartment has to outlive the objects in it.
/// </summary>
internal sealed class ComThread : IDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private readonly Thread thread;

    public ComThread()
    {
        thread = new Thread(Serve) { IsBackground = true, Name = "VSS" };
        thread.Start();
        try
        {
            Run(Initialize);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs an action there and waits for it; what it throws is thrown here.</summary>
    public void Run(Action action)
    {
        using var done = new ManualResetEventSlim();
        ExceptionDispatchInfo? failure = null;
        work.Add(() =>
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // It is thrown again by the thread that waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        failure?.Throw();
    }

    public void Dispose()
    {
        work.CompleteAdding();
        thread.Join();
        work.Dispose();
    }

    private static unsafe void Initialize()
    {
        // What VShadow, the requester of the Windows SDK, asks for: every writer may call back, whatever its account
        // (VSS protects its own callbacks), calls are encrypted, and VSS may act for the administrator who runs this.
        HRESULT result = CoInitializeSecurity(
            null, -1, null, null, ComSecurity.RPC_C_AUTHN_LEVEL_PKT_PRIVACY, ComSecurity.RPC_C_IMP_LEVEL_IMPERSONATE, null,
            ComSecurity.EOAC_DYNAMIC_CLOAKING, null);

        // It can be said once in a process, and whoever embeds the engine may have said it before, as suits them.
        if (result.FAILED && result != RPC.RPC_E_TOO_LATE)
        {
            throw VssErrors.Failure("set up the security of COM", result);
        }
    }

    private unsafe void Serve()
    {
        var joined = CoInitializeEx(null, (uint)COINIT.COINIT_MULTITHREADED).SUCCEEDED;
        foreach (var action in work.GetConsumingEnumerable())
        {
            action();
        }

        if (joined)
        {
            CoUninitialize();
        }
    }
}
