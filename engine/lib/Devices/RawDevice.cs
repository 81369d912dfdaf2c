using System.Diagnostics;

namespace Tidemark.Engine.Devices;

/// <summary>
/// A regular file, or a block device (on Windows a disk, volume or shadow copy), byte for byte. Transfers go around the
/// system's cache where the file system lets them (see <see cref="IsDirect"/>); what isn't aligned is read through an
/// aligned buffer.
/// </summary>
/// <remarks>
/// A device that was opened for reading can't be written: its handles are read-only. Two writes that overlap, or
/// that touch the same 4 KiB without being aligned to it, must not run at the same time.
/// </remarks>
internal abstract class RawDevice(string name, DeviceGeometry geometry, bool canWrite, FileIdentity identity) : BlockDevice
{
    public override string Name => name;

    public override DeviceGeometry Geometry => geometry;

    /// <summary>
    /// Cuts or lengthens a file that was opened for writing; what it has more then is a hole. No transfer is in flight
    /// behind the shorter of both ends.
    /// </summary>
    /// <exception cref="TidemarkException">The file can't get as long.</exception>
    public void Resize(long length)
    {
        Debug.Assert(CanWrite && !IsBlockDevice && length >= 0);
        SetLength(length);
        geometry = geometry with { Length = length };
    }

    public override bool CanWrite => canWrite;

    /// <summary>Which file or device this is, whatever path led to it.</summary>
    public FileIdentity Identity => identity;

    public bool IsBlockDevice => identity.IsBlockDevice;

    /// <summary>Whether aligned transfers go around the system's cache; <see cref="BufferedNote"/> says why not.</summary>
    public abstract bool IsDirect { get; }

    /// <summary>Why transfers go through the system's cache; null if they don't.</summary>
    public abstract string? BufferedNote { get; }

    /// <summary>Opens a source. It is never opened for writing.</summary>
    /// <exception cref="TidemarkException">The path isn't there, isn't a file or block device, or can't be opened.</exception>
    public static RawDevice OpenRead(string path) =>
        OperatingSystem.IsLinux() ? LinuxRawDevice.Open(path, write: false)
        : OperatingSystem.IsWindows() ? WindowsRawDevice.Open(path, write: false)
        : throw Unsupported();

    /// <summary>
    /// Opens a regular file, and nothing else: what is looked at is what is then read, whatever the path comes to mean
    /// meanwhile. Null where nothing is there, or no regular file; <paramref name="kind"/> says what there is instead.
    /// </summary>
    /// <exception cref="TidemarkException">The file is there and can't be opened.</exception>
    public static RawDevice? TryOpenRegular(string path, out string kind) =>
        OperatingSystem.IsLinux() ? LinuxRawDevice.TryOpenRegular(path, out kind)
        : OperatingSystem.IsWindows() ? WindowsRawDevice.TryOpenRegular(path, out kind)
        : throw Unsupported();

    /// <summary>The path that leads to this very file by now, without links on the way; null where it can't be told.</summary>
    public virtual string? RealPath => null;

    /// <summary>A path by which another program of this user opens this very file as long as it is open here.</summary>
    public virtual string ReopenPath => Name;

    /// <summary>The same for a look at what is there, by a process that can be ended although the device never answers.</summary>
    /// <exception cref="TidemarkException">As <see cref="OpenRead"/>.</exception>
    public static RawDevice OpenProbe(string path) =>
        OperatingSystem.IsLinux() ? LinuxRawDevice.Open(path, write: false, direct: false) : OpenRead(path);

    /// <summary>The same of a source as a user names it, who may call a volume of Windows by its root folder.</summary>
    /// <exception cref="TidemarkException">As <see cref="OpenRead"/>.</exception>
    public static RawDevice OpenSource(string path) => OpenRead(OperatingSystem.IsWindows() ? WindowsPath.OfSource(path) : path);

    /// <summary>
    /// Opens an existing file or block device as a target, of its own size. A block device is taken for this process
    /// alone: Linux refuses that while it, or a partition of it, is mounted; on Windows its volumes are locked and
    /// dismounted, which is refused while anything on them is open, and the running system's are never taken.
    /// </summary>
    /// <exception cref="TidemarkException">The path isn't there, isn't a file or block device, is in use, or can't be opened.</exception>
    public static RawDevice OpenWrite(string path) =>
        OperatingSystem.IsLinux() ? LinuxRawDevice.Open(path, write: true)
        : OperatingSystem.IsWindows() ? WindowsRawDevice.Open(path, write: true)
        : throw Unsupported();

    /// <summary>
    /// Makes a file of <paramref name="length"/> bytes that are all a hole, and opens it as a target. An existing
    /// regular file is emptied if <paramref name="replace"/>, and refused otherwise.
    /// </summary>
    /// <exception cref="TidemarkException">The file is there, or can't be made as large.</exception>
    public static RawDevice Create(string path, long length, bool replace = false)
    {
        Debug.Assert(length >= 0);
        return OperatingSystem.IsLinux() ? LinuxRawDevice.Create(path, length, replace)
            : OperatingSystem.IsWindows() ? WindowsRawDevice.Create(path, length, replace)
            : throw Unsupported();
    }

    /// <summary>
    /// Has the system forget what it remembers of a block device, and read its partition table anew, after all of it was
    /// written and flushed. Returns what couldn't be done and what to do, or null. (On Windows that happens when it is
    /// closed and its volumes are no longer locked.)
    /// </summary>
    public virtual string? Announce() => null;

    /// <summary>Whether a path names a device by its form alone; on Linux a device's path is as any other.</summary>
    public static bool IsDevicePath(string path) => OperatingSystem.IsWindows() && WindowsPath.TryDevice(path, out _);

    /// <summary>
    /// Refuses a target on Windows that the running system, or a file or folder that is needed, lies on. (On Linux the
    /// mount table says what is in use; see <see cref="Volumes.MountTable"/>.)
    /// </summary>
    /// <param name="path">The target.</param>
    /// <param name="needed">The file or folder; null where none of this system is.</param>
    /// <exception cref="TidemarkException">The path is a device that must not be overwritten.</exception>
    public static void RequireTarget(string path, string? needed)
    {
        if (OperatingSystem.IsWindows() && WindowsPath.TryDevice(path, out var device))
        {
            TargetGuard.RequireNotSystem(path, device);
            if (needed is not null)
            {
                TargetGuard.RequireNotUnder(path, device, needed);
            }
        }
    }

    /// <summary>Gives the file its length.</summary>
    protected abstract void SetLength(long length);

    protected void RequireWrite()
    {
        if (!CanWrite)
        {
            throw new NotSupportedException($"{Name} is open for reading only.");
        }
    }

    [Conditional("DEBUG")]
    protected void AssertRange(long offset, long length) =>
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length, "the range lies outside the device");

    private static PlatformNotSupportedException Unsupported() =>
        new("Raw files and devices can be opened on Linux and Windows only.");
}
