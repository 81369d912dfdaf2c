namespace Tidemark.Engine.Devices;

/// <summary>What programs say by locks about a file or device.</summary>
internal static class FileLocks
{
    /// <summary>
    /// Who writes to it, as far as anybody says so; null where nobody does. On Windows a file that is written to can't be opened,
    /// unless its writer shares it.
    /// </summary>
    public static string? WriterOf(string path) => OperatingSystem.IsLinux() ? LinuxFileLocks.WriterOf(path) : null;

    /// <summary>Refuses a file that a program holds, and that is going to be replaced by another.</summary>
    /// <exception cref="TidemarkException">It is held (busy).</exception>
    public static void RequireFree(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            LinuxFileLocks.RequireFree(path);
        }
        else
        {
            // Whoever may write to it is the only one who does.
            RawDevice.OpenWrite(path).Dispose();
        }
    }
}
