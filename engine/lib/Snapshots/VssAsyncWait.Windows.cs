using TerraFX.Interop.Windows;
using Tidemark.Interop.Windows;

namespace Tidemark.Engine.Snapshots;

/// <summary>Waits for an operation of VSS, so that it can be cancelled and doesn't hang for ever.</summary>
internal static class VssAsyncWait
{
    /// <summary>How long a cancelled run may take to notice.</summary>
    private const uint SliceMilliseconds = 200;

    /// <summary>Between two questions where VSS returns from a wait at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>VSS gives writers a minute to freeze and itself ten for a set; what takes longer doesn't end any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>A cancelled operation ends when VSS has told its writers.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromMinutes(2);

    /// <exception cref="VssException">It failed, or took too long.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; VSS was told so, and has ended it.</exception>
    public static unsafe void Finish(SafeComHandle handle, string step, TimeProvider time, CancellationToken cancellation)
    {
        var operation = (IVssAsync*)handle.DangerousGetHandle();
        var began = time.GetTimestamp();
        while (true)
        {
            if (cancellation.IsCancellationRequested)
            {
                Cancel(operation, time);
                throw new OperationCanceledException(cancellation);
            }

            var status = Ask(operation, step);
            if (status == VSS_S.VSS_S_ASYNC_FINISHED)
            {
                return;
            }

            if (status != VSS_S.VSS_S_ASYNC_PENDING)
            {
                throw VssErrors.Failure(step, status);
            }

            if (time.GetElapsedTime(began) > Patience)
            {
                Cancel(operation, time);
                throw new VssException(
                    $"VSS couldn't {step} within {Patience.TotalMinutes} minutes. 'vssadmin list writers' shows what it waits for; "
                    + "restart that service, or the machine, and run again.");
            }
        }
    }

    /// <summary>Waits a slice and asks how it stands.</summary>
    private static unsafe int Ask(IVssAsync* operation, string step)
    {
        var waited = operation->Wait(SliceMilliseconds);
        if (waited.FAILED)
        {
            throw VssErrors.Failure(step, waited);
        }

        HRESULT status = default;
        var asked = operation->QueryStatus(&status, null);
        if (asked.FAILED)
        {
            throw VssErrors.Failure(step, asked);
        }

        if (status == VSS_S.VSS_S_ASYNC_PENDING)
        {
            // Wait may return before its time.
            Thread.Sleep(Pause);
        }

        return status;
    }

    private static unsafe void Cancel(IVssAsync* operation, TimeProvider time)
    {
        if (operation->Cancel().FAILED)
        {
            return;
        }

        var began = time.GetTimestamp();
        HRESULT status = VSS_S.VSS_S_ASYNC_PENDING;
        while (status == VSS_S.VSS_S_ASYNC_PENDING && time.GetElapsedTime(began) < CancelPatience)
        {
            if (operation->Wait(SliceMilliseconds).FAILED || operation->QueryStatus(&status, null).FAILED)
            {
                return;
            }

            Thread.Sleep(Pause);
        }
    }
}
