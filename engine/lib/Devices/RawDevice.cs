using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>
/// A regular file or a block device, byte for byte. Transfers go around the page cache where the file system lets them
/// (see <see cref="IsDirect"/>); what isn't aligned is read through an aligned buffer and written through the cache.
/// </summary>
/// <remarks>
/// A device that was opened for reading can't be written: its descriptors are read-only. Two writes that overlap, or
/// that touch the same 4 KiB without being aligned to it, must not run at the same time.
/// </remarks>
internal sealed partial class RawDevice : BlockDevice
{
    private readonly string name;
    private readonly DeviceGeometry geometry;
    private readonly bool canWrite;

    public override string Name => name;

    public override DeviceGeometry Geometry => geometry;

    public override bool CanWrite => canWrite;

    /// <summary>Which file or device this is, whatever path led to it.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Opens a source. It is never opened for writing.</summary>
    /// <exception cref="TidemarkException">The path isn't there, isn't a file or block device, or can't be opened.</exception>
    public static RawDevice OpenRead(string path)
    {
        RequireLinux();
        return OpenOnLinux(path, write: false);
    }

    /// <summary>
    /// Opens an existing file or block device as a target, of its own size. A block device is taken for this process
    /// alone, which the system refuses while it, or a partition of it, is mounted.
    /// </summary>
    /// <exception cref="TidemarkException">The path isn't there, isn't a file or block device, is in use, or can't be opened.</exception>
    public static RawDevice OpenWrite(string path)
    {
        RequireLinux();
        return OpenOnLinux(path, write: true);
    }

    /// <summary>
    /// Makes a file of <paramref name="length"/> bytes that are all a hole, and opens it as a target. An existing
    /// regular file is emptied if <paramref name="replace"/>, and refused otherwise.
    /// </summary>
    /// <exception cref="TidemarkException">The file is there, or can't be made as large.</exception>
    public static RawDevice Create(string path, long length, bool replace = false)
    {
        Debug.Assert(length >= 0);
        RequireLinux();
        return CreateOnLinux(path, length, replace);
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Raw files and devices can be opened on Linux only, so far.");
        }
    }

    [Conditional("DEBUG")]
    private void AssertRange(long offset, long length) =>
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length, "the range lies outside the device");
}
