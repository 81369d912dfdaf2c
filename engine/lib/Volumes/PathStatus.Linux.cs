using Tidemark.Engine.Devices;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Volumes;

internal readonly partial record struct PathStatus
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static unsafe PathStatus? TryOfLinux(string path)
    {
        statx status = default;
        const uint mask = statx.STATX_BASIC_STATS | statx.STATX_BTIME | statx.STATX_MNT_ID;
        if (path.Contains('\0', StringComparison.Ordinal)
            || Libc.statx(Libc.AT_FDCWD, path, 0, mask, &status) != 0)
        {
            return null;
        }

        var kind = (status.stx_mode & Libc.S_IFMT) switch
        {
            Libc.S_IFBLK => PathKind.BlockDevice,
            Libc.S_IFREG => PathKind.File,
            Libc.S_IFDIR => PathKind.Folder,
            _ => PathKind.Other,
        };
        var storage = kind == PathKind.BlockDevice
            ? new FileIdentity(true, status.stx_rdev_major, status.stx_rdev_minor, 0)
            : new FileIdentity(false, status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
        var hasBirth = (status.stx_mask & statx.STATX_BTIME) != 0
            && (status.stx_btime.tv_sec != 0 || status.stx_btime.tv_nsec != 0);
        Int128 birth = ((Int128)status.stx_btime.tv_sec * NanosecondsPerSecond) + status.stx_btime.tv_nsec;
        return new PathStatus(
            kind, storage, hasBirth ? birth : null,
            (status.stx_mask & statx.STATX_MNT_ID) != 0 ? status.stx_mnt_id : null);
    }

    /// <summary>The id that statfs gives the file system a path lies on; 0 where it has none.</summary>
    internal static unsafe ulong FileSystemId(string path)
    {
        statfs status = default;
        return Libc.statfs(path, &status) == 0 ? status.f_fsid : 0;
    }
}
