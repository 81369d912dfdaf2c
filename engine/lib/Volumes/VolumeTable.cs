namespace Tidemark.Engine.Volumes;

/// <summary>
/// What this machine's volumes are used for at one moment: so that nobody restores onto a volume in use or onto the
/// source, and everybody hears that a source is being written while it is imaged.
/// </summary>
internal abstract class VolumeTable
{
    /// <summary>Reads the present state.</summary>
    /// <exception cref="TidemarkException">The system doesn't tell.</exception>
    public static VolumeTable Load() =>
        OperatingSystem.IsLinux() ? MountTable.Load()
        : OperatingSystem.IsWindows() ? DriveTable.Load()
        : throw new PlatformNotSupportedException("Volumes are known on Linux and Windows only.");

    /// <summary>
    /// Who uses what a path leads to: the device or file itself, the volumes on it, and devices built on any of these;
    /// nothing where the path leads to nothing.
    /// </summary>
    public abstract DeviceUsage UsageOf(string path);

    /// <summary>
    /// Whether a folder or file, or the place for one, lies on a source: on a file system on it or a part of it. A backup
    /// into such a store would image itself.
    /// </summary>
    public abstract bool LiesOn(string path, string source);

    /// <summary>
    /// The place where the system's administrator meant a disk to be mounted, and where none is, if a path would lie on that
    /// disk; null where the path lies where it should, or nobody said where.
    /// </summary>
    public virtual string? MissingMountOf(string path) => null;
}
