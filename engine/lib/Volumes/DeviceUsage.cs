namespace Tidemark.Engine.Volumes;

/// <summary>Where a file system can be reached.</summary>
/// <param name="MountPoint">A folder, or on Windows a letter's root; a volume's own name where it has neither.</param>
/// <param name="IsReadOnly">Whether the file system itself can't be written.</param>
internal sealed record MountPlace(string MountPoint, bool IsReadOnly);

/// <summary>Who uses a device or file, its partitions and what is built on them.</summary>
/// <param name="Mounts">Where any of it is mounted.</param>
/// <param name="IsSwap">Whether any of it is in use as swap space: on Windows, holds a page file.</param>
/// <param name="Holders">Devices built on it: logical volumes, arrays, encrypted volumes, loop devices.</param>
internal sealed record DeviceUsage(IReadOnlyList<MountPlace> Mounts, bool IsSwap, IReadOnlyList<string> Holders)
{
    public static DeviceUsage None { get; } = new([], false, []);

    public bool IsMounted => Mounts.Count > 0;

    /// <summary>Whether someone may be writing to it while it is imaged.</summary>
    public bool IsMountedReadWrite => Mounts.Any(mount => !mount.IsReadOnly);

    /// <summary>
    /// Whether writing to it would pull the ground from under someone: it is mounted, swap, or part of another
    /// device. A loop device nobody mounted is no reason by itself.
    /// </summary>
    public bool IsInUse => IsMounted || IsSwap || Holders.Any(name => !name.StartsWith("loop", StringComparison.Ordinal));
}

/// <summary>How two paths' storage lies to each other.</summary>
internal enum StorageRelation
{
    /// <summary>They share nothing that is known.</summary>
    None,

    /// <summary>They are the same device or file, whatever they are called.</summary>
    Same,

    /// <summary>One is a part of the other, or is built on it: a disk and its partition, a volume group and its disk.</summary>
    Overlapping,
}
