namespace Tidemark.Engine.Operations.Hosting;

/// <summary>For runs that shall not be noticed: they take what others leave of processors and disks.</summary>
public static partial class Background
{
    /// <summary>
    /// On Linux, gives the calling thread, and threads that it starts from now on, the lowest priority (nice 19) and the
    /// idle class of I/O, which schedulers that know classes obey (BFQ; others ignore it). On Windows the whole process
    /// goes into its background mode, which lowers I/O and memory priority too. There is no way back for the process.
    /// </summary>
    /// <returns>Null, or what couldn't be had and why; the run may go on all the same.</returns>
    public static string? Enter() =>
        OperatingSystem.IsLinux() ? EnterOnLinux()
        : OperatingSystem.IsWindows() ? EnterOnWindows()
        : "this system has no background mode that Tidemark knows";
}
