using System.Runtime.InteropServices;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

/// <summary>
/// File calls that survive interruption: each repeats on EINTR and returns the result, or the negative errno. Transfers
/// move one run of bytes and may be short.
/// </summary>
internal static unsafe class FileCalls
{
    /// <summary>For the owner alone: an image holds every secret of the disk it was taken from, whoever could read that.</summary>
    public const uint NewFileMode = 0x180; // 0600

    /// <summary>For the owner alone, as its files.</summary>
    public const uint NewFolderMode = 0x1C0; // 0700

    public static FdHandle Open(string path, int flags, out int error, uint mode = NewFileMode)
    {
        while (true)
        {
            var fd = Libc.open(path, flags | Libc.O_CLOEXEC, mode);
            error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error != Errno.EINTR)
            {
                return new FdHandle(fd);
            }
        }
    }

    public static FdHandle OpenAt(FdHandle folder, string name, int flags, out int error, uint mode = NewFileMode)
    {
        while (true)
        {
            var fd = Libc.openat(folder, name, flags | Libc.O_CLOEXEC, mode);
            error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error != Errno.EINTR)
            {
                return new FdHandle(fd);
            }
        }
    }

    public static long Read(FdHandle fd, void* buffer, nuint count, long offset)
    {
        while (true)
        {
            var moved = Libc.pread(fd, buffer, count, offset);
            if (moved >= 0)
            {
                return moved;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                return -error;
            }
        }
    }

    /// <summary>
    /// Whether the page at <paramref name="offset"/>, a multiple of its size, lies in the page cache; false where nobody
    /// can tell. A read that must not wait (RWF_NOWAIT) would tell too, but may begin to read ahead.
    /// </summary>
    public static bool IsCached(FdHandle fd, long offset)
    {
        var range = new cachestat_range { off = (ulong)offset, len = 1 };
        cachestat stat;
        if (Libc.cachestat(Libc.SYS_cachestat, fd.Fd, &range, &stat, 0) == 0)
        {
            return stat.nr_cache > 0;
        }

        if (Marshal.GetLastPInvokeError() != Errno.ENOSYS)
        {
            return false;
        }

        var page = Libc.mmap(null, 1, Libc.PROT_READ, Libc.MAP_SHARED, fd, (nint)offset);
        if (page == Libc.MAP_FAILED)
        {
            return false;
        }

        byte resident;
        var known = Libc.mincore(page, 1, &resident) == 0;
        _ = Libc.munmap(page, 1);
        return known && (resident & 1) != 0;
    }

    public static long Write(FdHandle fd, void* buffer, nuint count, long offset)
    {
        while (true)
        {
            var moved = Libc.pwrite(fd, buffer, count, offset);
            if (moved >= 0)
            {
                return moved;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                return -error;
            }
        }
    }

    public static int Sync(FdHandle fd) => Repeat(fd, static fd => Libc.fsync(fd));

    public static int DataSync(FdHandle fd) => Repeat(fd, static fd => Libc.fdatasync(fd));

    public static int Truncate(FdHandle fd, long length)
    {
        int result;
        do
        {
            result = Result(Libc.ftruncate(fd, length));
        }
        while (result == -Errno.EINTR);
        return result;
    }

    public static int Allocate(FdHandle fd, int mode, long offset, long length)
    {
        int result;
        do
        {
            result = Result(Libc.fallocate(fd, mode, offset, length));
        }
        while (result == -Errno.EINTR);
        return result;
    }

    public static int Control(FdHandle fd, nuint request, void* argument)
    {
        int result;
        do
        {
            result = Result(Libc.ioctl(fd, request, argument));
        }
        while (result == -Errno.EINTR);
        return result;
    }

    /// <summary>The attributes of an open file.</summary>
    public static int Stat(FdHandle fd, out statx attributes)
    {
        fixed (statx* p = &attributes)
        {
            return Result(Libc.statx(
                fd, "", Libc.AT_EMPTY_PATH, statx.STATX_BASIC_STATS | statx.STATX_DIOALIGN, p));
        }
    }

    /// <summary>The attributes of what a path leads to.</summary>
    public static int Stat(string path, out statx attributes)
    {
        fixed (statx* p = &attributes)
        {
            return Result(Libc.statx(Libc.AT_FDCWD, path, 0, statx.STATX_BASIC_STATS, p));
        }
    }

    /// <summary>The attributes of an entry of a folder, of a link itself if it is one.</summary>
    public static int StatAt(FdHandle folder, string name, out statx attributes)
    {
        fixed (statx* p = &attributes)
        {
            return Result(Libc.statx(folder, name, Libc.AT_SYMLINK_NOFOLLOW, statx.STATX_BASIC_STATS, p));
        }
    }

    /// <summary>-1 becomes the negative errno of the call just made.</summary>
    public static int Result(int value) => value < 0 ? -Marshal.GetLastPInvokeError() : value;

    /// <summary>The system's words for an error number.</summary>
    public static string Reason(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static int Repeat(FdHandle fd, Func<FdHandle, int> call)
    {
        int result;
        do
        {
            result = Result(call(fd));
        }
        while (result == -Errno.EINTR);
        return result;
    }
}
