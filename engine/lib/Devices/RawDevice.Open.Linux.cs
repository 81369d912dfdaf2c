using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Devices;

// Opening: what kind of thing a path leads to, its sizes, and what to say when it can't be opened.
internal sealed unsafe partial class LinuxRawDevice
{
    /// <param name="path">The path.</param>
    /// <param name="write">Whether it is written to.</param>
    /// <param name="direct">
    /// Whether transfers go around the cache. A process that waits for a direct one can't be ended until the device answers.
    /// </param>
    public static LinuxRawDevice Open(string path, bool write, bool direct = true)
    {
        // Looked at before it is opened, since opening a pipe would wait for its other end.
        Require(FileCalls.Stat(path, out var attributes), path, write);
        var kind = attributes.stx_mode & Libc.S_IFMT;
        if (kind is not (Libc.S_IFREG or Libc.S_IFBLK))
        {
            throw TidemarkException.WrongUse(
                $"{path} is {Describe(kind)}. Give a file or a block device instead.");
        }

        if (write && kind == Libc.S_IFREG)
        {
            LinuxFileLocks.RequireNoLease(path);
        }

        var mode = write ? Libc.O_RDWR : Libc.O_RDONLY;
        var exclusive = write && kind == Libc.S_IFBLK ? Libc.O_EXCL : 0;
        var buffered = FileCalls.Open(path, mode | exclusive, out var error);
        try
        {
            Require(-error, path, write);
            if (write)
            {
                LinuxFileLocks.Take(buffered, path, kind == Libc.S_IFBLK);
            }

            return Build(path, buffered, write, () => direct ? FileCalls.Open(path, mode | Libc.O_DIRECT, out _) : new FdHandle());
        }
        catch
        {
            buffered.Dispose();
            throw;
        }
    }

    public static new LinuxRawDevice? TryOpenRegular(string path, out string kind)
    {
        // A descriptor that opens nothing yet: a pipe would wait, and a device may do something when it is opened.
        using var place = FileCalls.Open(path, Libc.O_PATH, out var error);
        kind = "not there";
        if (error is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }

        Require(-error, path, write: false);
        Require(FileCalls.Stat(place, out var attributes), path, write: false);
        kind = Describe(attributes.stx_mode & Libc.S_IFMT);
        if ((attributes.stx_mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            return null;
        }

        var same = $"/proc/self/fd/{place.Fd}";
        var buffered = FileCalls.Open(same, Libc.O_RDONLY, out error);
        try
        {
            Require(-error, path, write: false);
            return Build(path, buffered, write: false, () => FileCalls.Open(same, Libc.O_RDONLY | Libc.O_DIRECT, out _));
        }
        catch
        {
            buffered.Dispose();
            throw;
        }
    }

    public static new LinuxRawDevice Create(string path, long length, bool replace)
    {
        if (replace && FileCalls.Stat(path, out var old) >= 0)
        {
            if ((old.stx_mode & Libc.S_IFMT) != Libc.S_IFREG)
            {
                throw TidemarkException.WrongUse(
                    $"{path} is {Describe(old.stx_mode & Libc.S_IFMT)} and can't be replaced by a file.");
            }

            LinuxFileLocks.RequireNoLease(path);
        }

        var flags = Libc.O_RDWR | Libc.O_CREAT | (replace ? 0 : Libc.O_EXCL);
        var buffered = FileCalls.Open(path, flags, out var error);
        try
        {
            if (error == Errno.EEXIST)
            {
                throw TidemarkException.WrongUse($"{path} is there already. Remove it, or give another name.");
            }

            Require(-error, path, write: true);
            LinuxFileLocks.Take(buffered, path, isDevice: false);
            var result = FileCalls.Truncate(buffered, 0);
            result = result < 0 ? result : FileCalls.Truncate(buffered, length);
            RequireLength(result, path, length);
            return Build(path, buffered, true, () => FileCalls.Open(path, Libc.O_RDWR | Libc.O_DIRECT, out _));
        }
        catch
        {
            buffered.Dispose();
            throw;
        }
    }

    private static LinuxRawDevice Build(string path, FdHandle buffered, bool write, Func<FdHandle> openDirect)
    {
        Require(FileCalls.Stat(buffered, out var attributes), path, write);
        FdHandle OpenSame() => SameFile(openDirect(), attributes);
        if ((attributes.stx_mode & Libc.S_IFMT) == Libc.S_IFREG)
        {
            var plain = DirectFile.Pair(buffered, attributes, DirectFile.UnknownAlignment, OpenSame);
            var shape = DeviceGeometry.OfBytes((long)attributes.stx_size) with
            {
                MemoryAlignment = plain.MemoryAlignment,
                OffsetAlignment = plain.OffsetAlignment,
            };
            return new LinuxRawDevice(path, plain, attributes, shape, write);
        }

        ulong length;
        int logical;
        uint physical;
        Require(FileCalls.Control(buffered, Libc.BLKGETSIZE64, &length), path, write);
        Require(FileCalls.Control(buffered, Libc.BLKSSZGET, &logical), path, write);
        Require(FileCalls.Control(buffered, Libc.BLKPBSZGET, &physical), path, write);
        if (logical < DeviceGeometry.DefaultSectorSize || length > long.MaxValue)
        {
            throw TidemarkException.Failed(
                $"{path} says it has {length} bytes in sectors of {logical}, which no device has. Check the device.");
        }

        var file = DirectFile.Pair(buffered, attributes, logical, OpenSame);
        var geometry = new DeviceGeometry(
            (long)length, logical, (int)Math.Max(physical, (uint)logical), file.MemoryAlignment, file.OffsetAlignment);
        return new LinuxRawDevice(path, file, attributes, geometry, write);
    }

    // The path is opened twice; in between it must not come to mean another file.
    private static FdHandle SameFile(FdHandle fd, in statx expected)
    {
        if (!fd.IsInvalid && (FileCalls.Stat(fd, out var found) < 0 || found.stx_ino != expected.stx_ino
            || found.stx_dev_major != expected.stx_dev_major || found.stx_dev_minor != expected.stx_dev_minor))
        {
            fd.Dispose();
            return new FdHandle();
        }

        return fd;
    }

    private static void RequireLength(int result, string path, long length)
    {
        if (result == -Errno.EFBIG)
        {
            throw TidemarkException.Failed(
                $"{path} can't become {length} bytes long: its file system has no files as large, or a limit forbids them. " +
                "Put it on another file system, or raise the limit (ulimit -f).");
        }

        Require(result, path, write: true);
    }

    private static void Require(int result, string path, bool write)
    {
        if (result >= 0)
        {
            return;
        }

        var what = write ? "writing" : "reading";
        throw -result switch
        {
            Errno.ENOENT or Errno.ENOTDIR =>
                TidemarkException.WrongUse($"{path} is not there. Check the path."),
            Errno.EACCES or Errno.EPERM => TidemarkException.Failed(
                $"{path} can't be opened for {what}: permission is denied. " +
                (Environment.IsPrivilegedProcess
                    ? "You are root already: a container, a security module (SELinux, AppArmor) or the device itself forbids it."
                    : "Run as root, or as a user who may open it.")),
            Errno.EBUSY => TidemarkException.Failed(
                $"{path} is in use: it, or a part of it, is mounted or taken by another program. Unmount it first."),
            Errno.EROFS => TidemarkException.Failed($"{path} is read-only. Choose another target."),
            Errno.ENODEV or Errno.ENXIO => TidemarkException.Failed(
                $"{path} has no device behind it. Check that the device is attached and has a medium."),
            var error => TidemarkException.Failed(
                $"{path} can't be opened for {what}: {FileCalls.Reason(error)}."),
        };
    }

    private static string Describe(int kind) => kind switch
    {
        Libc.S_IFREG => "a file",
        Libc.S_IFBLK => "a block device",
        Libc.S_IFDIR => "a folder",
        Libc.S_IFCHR => "a character device",
        Libc.S_IFIFO => "a pipe",
        Libc.S_IFSOCK => "a socket",
        _ => "neither a file nor a block device",
    };
}
