using System.Collections.Concurrent;
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
    /// <summary>What isn't the user's own path and doesn't answer so soon is passed over.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Folders in which something didn't answer: the rest of them isn't asked.</summary>
    private static readonly ConcurrentDictionary<string, bool> silent = new(StringComparer.Ordinal);

    /// <summary>
    /// The same for a path that others named (a loop device's file, swap, what is mounted somewhere): a dead file system
    /// below it must not stop who has nothing to do with it. Null also where nothing answers in time.
    /// </summary>
    public static PathStatus? TryOfSoon(string path)
    {
        const string Devices = "/dev/";
        if (path.StartsWith(Devices, StringComparison.Ordinal))
        {
            return TryOf(path);
        }

        var folder = Path.GetDirectoryName(path) ?? path;
        if (silent.ContainsKey(folder))
        {
            return null;
        }

        if (new BoundedCall<PathStatus?>(() => TryOf(path)).TryWait(Patience, out var status))
        {
            return status;
        }

        silent[folder] = true;
        return null;
    }

    /// <summary>The status of a path; null where nothing is there or it can't be reached.</summary>
    public static PathStatus? TryOf(string path) =>
        OperatingSystem.IsLinux() ? TryOfLinux(path)
        : OperatingSystem.IsWindows() ? TryOfWindows(path)
        : throw new PlatformNotSupportedException("What a path leads to is known on Linux and Windows only.");
}
