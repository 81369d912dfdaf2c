using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tidemark.Engine.Programs;

/// <summary>
/// Starts programs that end with this process. Linux ties a process to the thread that started it (PR_SET_PDEATHSIG), so
/// one thread that never ends starts them all.
/// </summary>
internal static class TiedStart
{
    // Of util-linux, as every distribution for servers and desktops has it; busybox has one that doesn't know the option.
    private static readonly SystemProgram OwnSession = new("setsid", "util-linux");
    private static readonly SystemProgram Tie = new("setpriv", "util-linux");

    /// <summary>
    /// Others' servers unmount what they serve. Root's leave that as it is, dead, so that the kernel's tables still say which
    /// loop devices stood over it.
    /// </summary>
    private static string Signal => Environment.IsPrivilegedProcess ? "KILL" : "TERM";

    private static readonly Lazy<string[]> Leading = new(FindLeading);
    private static readonly Lazy<BlockingCollection<Action>> Orders = new(BeginThread);

    /// <summary>What goes before a program and its arguments: programs that become it.</summary>
    public static IReadOnlyList<string> Words() => Leading.Value;

    public static Process Start(ProcessStartInfo start)
    {
        if (Leading.Value.Length == 0)
        {
            return Process.Start(start)!;
        }

        var started = new TaskCompletionSource<Process>();
        Orders.Value.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
#pragma warning disable CA1031 // Whatever it is, it is thrown where the start was asked for.
            catch (Exception e)
#pragma warning restore CA1031
            {
                started.SetException(e);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static string[] FindLeading() =>
        OperatingSystem.IsLinux() && OwnSession.Find() is { } session && Tie.Find() is { } tie && File.ResolveLinkTarget(tie, returnFinalTarget: true)?.Name != "busybox"
            ? [session, tie, "--pdeathsig", Signal]
            : [];

    private static BlockingCollection<Action> BeginThread()
    {
        var orders = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var order in orders.GetConsumingEnumerable())
            {
                order();
            }
        })
        {
            IsBackground = true,
            Name = "Programs",
        };
        thread.Start();
        return orders;
    }
}
