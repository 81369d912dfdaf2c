using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Operations.Hosting;

public static partial class Background
{
    /// <summary>The lowest priority there is.</summary>
    private const int LowestNice = 19;

    /// <summary>The calling thread: both calls take it for 0.</summary>
    private const int Self = 0;

    private static string? EnterOnLinux()
    {
        var processor = FileCalls.Result(Libc.setpriority(Libc.PRIO_PROCESS, Self, LowestNice));
        if (processor < 0)
        {
            return $"the priority can't be lowered: {FileCalls.Reason(-processor)}";
        }

        var disk = FileCalls.Result(
            (int)Libc.ioprio_set(Libc.SYS_ioprio_set, Libc.IOPRIO_WHO_PROCESS, Self, Libc.IOPRIO_CLASS_IDLE << Libc.IOPRIO_CLASS_SHIFT));
        return disk < 0 ? $"the I/O class can't be set: {FileCalls.Reason(-disk)}" : null;
    }
}
