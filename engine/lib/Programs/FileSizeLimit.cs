namespace Tidemark.Engine.Programs;

/// <summary>A limit on the size of files that a shell or service manager set (<c>ulimit -f</c>, LimitFSIZE).</summary>
public static class FileSizeLimit
{
    /// <summary>
    /// Makes it the error of a write (EFBIG), which is told, and not a signal that ends the program without a word. Programs
    /// that are started from now on inherit it. Linux only; Windows has no such limit.
    /// </summary>
    public static void MakeAnError()
    {
        if (OperatingSystem.IsLinux())
        {
            FileSizeLimitCalls.Ignore();
        }
    }
}
