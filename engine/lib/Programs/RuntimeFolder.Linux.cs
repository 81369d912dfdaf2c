using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Programs;

/// <summary>The Linux calls behind <see cref="RuntimeFolder"/>.</summary>
internal static unsafe class RuntimeFolderCalls
{
    private const int OthersMask = 0x3F; // 0077

    /// <summary>This process's user, as the kernel shows it by the owner of its folder in /proc.</summary>
    public static uint User
    {
        get
        {
            statx status;
            return Libc.statx(Libc.AT_FDCWD, "/proc/self", 0, statx.STATX_BASIC_STATS, &status) == 0 ? status.stx_uid : uint.MaxValue;
        }
    }

    /// <summary>Whether a path is a folder, and this user's; and nobody else may enter it.</summary>
    public static bool IsOwn(string path)
    {
        statx status;
        return Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, statx.STATX_BASIC_STATS, &status) == 0
            && (status.stx_mode & Libc.S_IFMT) == Libc.S_IFDIR
            && status.stx_uid == User
            && ((status.stx_mode & OthersMask) == 0 || !path.StartsWith("/tmp/", StringComparison.Ordinal));
    }
}
