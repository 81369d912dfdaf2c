using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>What a path leads to.</summary>
internal enum PathKind
{
    Other,
    File,
    Folder,
    BlockDevice,
}

/// <summary>
/// What the operating system says of a path, links followed: kind, where it lies and how it is known there.
/// </summary>
/// <param name="Storage">
/// The block device itself (on Linux; see <see cref="DriveTable"/>), or the file by its file system's device number and
/// inode: on Windows the volume's serial number and the file's index.
/// </param>
/// <param name="BirthTime">Nanoseconds since 1970 UTC; null where the file system doesn't keep it.</param>
/// <param name="MountId">The mount's id in /proc/self/mountinfo; null where the kernel doesn't tell.</param>
internal readonly partial record struct PathStatus(PathKind Kind, FileIdentity Storage, Int128? BirthTime, ulong? MountId)
{
    /// <summary>The status of a path; null where nothing is there or it can't be reached.</summary>
    public static PathStatus? TryOf(string path) =>
        OperatingSystem.IsLinux() ? TryOfLinux(path)
        : OperatingSystem.IsWindows() ? TryOfWindows(path)
        : throw new PlatformNotSupportedException("What a path leads to is known on Linux and Windows only.");
}
