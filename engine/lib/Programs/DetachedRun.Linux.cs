using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Programs;

/// <summary>The Linux calls behind <see cref="DetachedRun"/>.</summary>
internal static class DetachedCalls
{
    /// <summary>Leaves the terminal: its signals and its end are no concern any more.</summary>
    public static void LeaveTerminal() => Libc.setsid();

    /// <summary>Sends all three streams to nowhere: who read them goes.</summary>
    public static void CloseStreams()
    {
        var nowhere = Libc.open("/dev/null", Libc.O_RDWR, 0);
        for (var stream = 0; nowhere >= 0 && stream <= 2; stream++)
        {
            Libc.dup2(nowhere, stream);
        }

        if (nowhere > 2)
        {
            Libc.close(nowhere);
        }
    }

    public static void AskToEnd(int process) => Libc.kill(process, Libc.SIGTERM);
}
