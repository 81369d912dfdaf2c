using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>Lists what can be imaged on this machine: disks, partitions or volumes, and what is built of them.</summary>
internal static partial class SourceList
{
    /// <summary>Long enough for a disk that spins up; one that takes longer is listed as one that doesn't answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// All block devices with a size: a disk before its partitions. A device that can't be opened or read is
    /// listed with the reason.
    /// </summary>
    /// <param name="open">Opens a device for reading, given its path.</param>
    /// <param name="patience">How long a device may take; null for the usual time.</param>
    public static IReadOnlyList<SourceEntry> List(Func<string, BlockDevice> open, TimeSpan? patience = null) =>
        OperatingSystem.IsLinux() ? ListLinux(open, patience ?? Patience)
        : OperatingSystem.IsWindows() ? ListWindows(DriveTable.Load(), open)
        : throw new PlatformNotSupportedException("Sources are listed on Linux and Windows only.");

    /// <summary>What a device is; null with the reason where it can't be told.</summary>
    private static SourceDescription? TryProbe(string path, Func<string, BlockDevice> open, out string? problem) =>
        TryProbe(path, open, out problem, out _);

    private static SourceDescription? TryProbe(string path, Func<string, BlockDevice> open, out string? problem, out long length)
    {
        length = 0;
        problem = null;
        try
        {
            using var device = open(path);
            length = device.Length;
            return SourceProbe.Probe(device, path, null, open);
        }
        catch (Exception e) when (e is TidemarkException or IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return null;
        }
    }
}
