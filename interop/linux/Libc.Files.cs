using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Files and folders (man 2 open, pread, statx, fallocate, flock, rename). The calls that open return the bare number:
// a handle's marshaller would take the upper half of the register, which an int leaves undefined, for a part of it.
public static unsafe partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;

    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int AT_EMPTY_PATH = 0x1000;

    public const int SEEK_DATA = 3;
    public const int SEEK_HOLE = 4;

    public const int FALLOC_FL_KEEP_SIZE = 0x01;
    public const int FALLOC_FL_PUNCH_HOLE = 0x02;
    public const int FALLOC_FL_ZERO_RANGE = 0x10;

    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
    public const int LOCK_UN = 8;

    public const uint RENAME_NOREPLACE = 1;

    public const int POSIX_FADV_RANDOM = 1;
    public const int POSIX_FADV_SEQUENTIAL = 2;
    public const int POSIX_FADV_WILLNEED = 3;
    public const int POSIX_FADV_DONTNEED = 4;

    public const int S_IFMT = 0xF000;
    public const int S_IFIFO = 0x1000;
    public const int S_IFCHR = 0x2000;
    public const int S_IFDIR = 0x4000;
    public const int S_IFBLK = 0x6000;
    public const int S_IFREG = 0x8000;
    public const int S_IFLNK = 0xA000;
    public const int S_IFSOCK = 0xC000;
    public const uint S_ISGID = 0x400;

    /// <summary>These three differ between x64 and arm64 (arch/arm64/include/uapi/asm/fcntl.h).</summary>
    public static readonly int O_DIRECT = IsArm ? 0x10000 : 0x4000;
    public static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    public static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int open(string pathname, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int openat(FdHandle dirfd, string pathname, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pread(FdHandle fd, void* buf, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(FdHandle fd, void* buf, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int statx(FdHandle dirfd, string pathname, int flags, uint mask, statx* statxbuf);

    /// <summary>The same call with <see cref="AT_FDCWD"/>, which is no handle.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int statx(int dirfd, string pathname, int flags, uint mask, statx* statxbuf);

    [LibraryImport("libc", SetLastError = true)]
    public static partial long lseek(FdHandle fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fallocate(FdHandle fd, int mode, long offset, long len);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(FdHandle fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsync(FdHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fdatasync(FdHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmod(FdHandle fd, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint fgetxattr(FdHandle fd, string name, void* value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(FdHandle fd, int operation);

    /// <summary>Returns the error number itself, not -1.</summary>
    [LibraryImport("libc")]
    public static partial int posix_fadvise(FdHandle fd, long offset, long len, int advice);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int renameat2(
        FdHandle olddirfd, string oldpath, FdHandle newdirfd, string newpath, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int linkat(FdHandle olddirfd, string oldpath, FdHandle newdirfd, string newpath, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int unlinkat(FdHandle dirfd, string pathname, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int mkdirat(FdHandle dirfd, string pathname, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int statfs(string path, statfs* buf);
}
