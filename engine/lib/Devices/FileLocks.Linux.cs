using System.Globalization;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Devices;

/// <summary>
/// The locks by which programs of Linux keep others off a file: QEMU's on single bytes (QEMU, block/file-posix.c), those of POSIX
/// and of open file descriptions, flock, leases. All are advice; we take it, and give it.
/// </summary>
internal static unsafe class LinuxFileLocks
{
    /// <summary>QEMU locks the byte 100 + n for what it does with a file, and 200 + n for what it lets nobody else do.</summary>
    private const int QemuFirst = 100;

    private const int QemuEnd = 300;

    /// <summary>Of these, what writes: BLK_PERM_WRITE, BLK_PERM_WRITE_UNCHANGED and BLK_PERM_RESIZE.</summary>
    private const int QemuWrites = QemuFirst + 1;

    private const int QemuWriteBytes = 3;

    private const string Qemu = "QEMU, or a program that locks as it does,";

    /// <summary>Takes a file or device for writing, for as long as the descriptor is open.</summary>
    /// <exception cref="TidemarkException">Another program has it (busy).</exception>
    public static void Take(FdHandle fd, string path, bool isDevice)
    {
        var result = Set(fd, Libc.F_WRLCK);
        if (result is -Errno.EAGAIN or -Errno.EACCES)
        {
            throw Busy(path, HolderOf(fd, Libc.F_WRLCK, 0, 0) ?? "another program");
        }

        // A server that emulates one kind of lock by the other would keep us off ourselves.
        if (SharedFileSystem.Holds(path) && !isDevice)
        {
            return;
        }

        // udev holds devices shared for moments while it looks at them.
        if (Try(fd, Libc.LOCK_EX) == -Errno.EAGAIN && (!isDevice || Try(fd, Libc.LOCK_SH) == -Errno.EAGAIN))
        {
            throw Busy(path, FlockHolder(fd));
        }
    }

    /// <summary>
    /// Gives both back. Closing alone would leave them to a copy of the descriptor, which a program that this process starts has
    /// until it runs.
    /// </summary>
    public static void Release(FdHandle fd)
    {
        if (!fd.IsClosed && !fd.IsInvalid)
        {
            _ = Set(fd, Libc.F_UNLCK);
            _ = Libc.flock(fd, Libc.LOCK_UN);
        }
    }

    /// <summary>Refuses a file that somebody holds by a lease, which opening it for writing would wait for.</summary>
    /// <exception cref="TidemarkException">Another program has it (busy).</exception>
    public static void RequireNoLease(string path)
    {
        using var fd = FileCalls.Open(path, Libc.O_WRONLY | Libc.O_NONBLOCK, out var error);
        if (error == Errno.EAGAIN)
        {
            throw Busy(path, "another program, by a lease");
        }
    }

    /// <summary>Refuses a file that somebody holds in any way.</summary>
    /// <exception cref="TidemarkException">Another program has it (busy).</exception>
    public static void RequireFree(string path)
    {
        RequireNoLease(path);
        using var fd = FileCalls.Open(path, Libc.O_RDONLY, out _);
        if (!fd.IsInvalid && HolderOf(fd, Libc.F_WRLCK, 0, 0) is { } holder)
        {
            throw Busy(path, holder);
        }

        if (!fd.IsInvalid && Try(fd, Libc.LOCK_EX) == -Errno.EAGAIN)
        {
            throw Busy(path, FlockHolder(fd));
        }
    }

    /// <summary>Who says by a lock that it writes to a file; null where nobody does, or it can't be told.</summary>
    public static string? WriterOf(string path)
    {
        using var fd = FileCalls.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out var error);
        if (error == Errno.EAGAIN)
        {
            return "another program, by a lease";
        }

        if (fd.IsInvalid)
        {
            return null;
        }

        // A read lock on these bytes among others is somebody's who only reads.
        if (Conflict(fd, Libc.F_WRLCK, QemuWrites, QemuWriteBytes) is { } lockOfBytes && IsQemu(lockOfBytes))
        {
            return Qemu;
        }

        if (HolderOf(fd, Libc.F_RDLCK, 0, 0) is { } holder)
        {
            return holder;
        }

        var result = Try(fd, Libc.LOCK_SH);
        _ = Libc.flock(fd, Libc.LOCK_UN);
        return result == -Errno.EAGAIN ? FlockHolder(fd) : null;
    }

    private static TidemarkException Busy(string path, string holder) => new(
        TidemarkError.Busy, $"{path} is in use: {holder} holds it by a lock. Nothing was written. End that first, or shut its machine down.");

    private static int Try(FdHandle fd, int operation) => FileCalls.Result(Libc.flock(fd, operation | Libc.LOCK_NB));

    private static int Set(FdHandle fd, short type)
    {
        var range = new flock { l_type = type };
        return FileCalls.Result(Libc.fcntl(fd, Libc.F_OFD_SETLK, &range));
    }

    /// <summary>Who would keep us from a lock; null where nobody does.</summary>
    private static string? HolderOf(FdHandle fd, short type, long start, long length) =>
        Conflict(fd, type, start, length) is not { } held ? null
        : IsQemu(held) ? Qemu
        : held.l_pid > 0 ? Named(held.l_pid)
        : "another program";

    private static flock? Conflict(FdHandle fd, short type, long start, long length)
    {
        var range = new flock { l_type = type, l_start = start, l_len = length };
        return Libc.fcntl(fd, Libc.F_OFD_GETLK, &range) == 0 && range.l_type != Libc.F_UNLCK ? range : null;
    }

    private static bool IsQemu(in flock held) => held is { l_start: >= QemuFirst and < QemuEnd, l_len: > 0 and < QemuEnd };

    /// <summary>The process that has a file by flock, as /proc/locks has it.</summary>
    private static string FlockHolder(FdHandle fd)
    {
        const string Unknown = "another program";
        if (FileCalls.Stat(fd, out var attributes) < 0)
        {
            return Unknown;
        }

        try
        {
            // 1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF
            var place = string.Create(
                CultureInfo.InvariantCulture, $"{attributes.stx_dev_major:x2}:{attributes.stx_dev_minor:x2}:{attributes.stx_ino}");
            var holder = File.ReadLines("/proc/locks")
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(fields => fields.Length > 5 && fields[1] == "FLOCK" && fields[5] == place);
            return holder is not null && int.TryParse(holder[4], CultureInfo.InvariantCulture, out var process) && process > 0 ? Named(process) : Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    private static string Named(int process)
    {
        try
        {
            return $"{File.ReadAllText($"/proc/{process}/comm").Trim()} (process {process})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"process {process}";
        }
    }
}
