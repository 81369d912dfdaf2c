using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Devices;

// Opening: what kind of thing a path leads to, its sizes, and what to say when it can't be opened.
internal sealed unsafe partial class WindowsRawDevice
{
    public static WindowsRawDevice Open(string path, bool write) =>
        WindowsPath.TryDevice(path, out var device) ? OpenDevice(path, device, write) : OpenFile(path, write);

    public static new WindowsRawDevice? TryOpenRegular(string path, out string kind)
    {
        kind = "a device";
        if (WindowsPath.TryDevice(path, out _))
        {
            return null;
        }

        kind = Directory.Exists(path) ? "a folder" : "not there";
        return System.IO.File.Exists(path) ? OpenFile(path, write: false) : null;
    }

    public static new WindowsRawDevice Create(string path, long length, bool replace)
    {
        if (WindowsPath.TryDevice(path, out _))
        {
            throw TidemarkException.WrongUse($"{path} is a device and can't be replaced by a file.");
        }

        var name = WindowsPath.OfFile(path);
        var made = WindowsFileCalls.Open(
            name,
            GENERIC_READ | GENERIC_WRITE,
            replace ? (uint)OPEN.OPEN_ALWAYS : CREATE.CREATE_NEW,
            FILE.FILE_FLAG_OVERLAPPED,
            out var error);
        try
        {
            if (error == ERROR.ERROR_FILE_EXISTS)
            {
                throw TidemarkException.WrongUse($"{path} is there already. Remove it, or give another name.");
            }

            RequireFile(made, path, error, write: true);
            TargetLock.Take(made, path);
            Require(WindowsFileCalls.SetLength(made, 0), path, write: true);

            // Before it gets its length, so that all of it is a hole; FAT has no such thing and stores zeros.
            _ = WindowsFileCalls.Control(made, FSCTL.FSCTL_SET_SPARSE);
            RequireLength(WindowsFileCalls.SetLength(made, length), path, length);
            return BuildFile(path, made, write: true);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private static WindowsRawDevice OpenFile(string path, bool write)
    {
        var file = WindowsFileCalls.Open(
            WindowsPath.OfFile(path),
            write ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ,
            OPEN.OPEN_EXISTING,
            FILE.FILE_FLAG_OVERLAPPED,
            out var error);
        try
        {
            RequireFile(file, path, error, write);
            if (write)
            {
                TargetLock.Take(file, path);
            }

            return BuildFile(path, file, write);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WindowsRawDevice BuildFile(string path, SafeFileHandle opened, bool write)
    {
        Require(WindowsFileCalls.Stat(opened, out var info), path, write);
        Require(WindowsFileCalls.Length(opened, out var length), path, write);
        var identity = WindowsFileIdentity.OfFile(opened);
        var file = OverlappedFile.OfFile(opened, write);
        var geometry = DeviceGeometry.OfBytes(length) with
        {
            MemoryAlignment = file.Alignment,
            OffsetAlignment = file.Alignment,
        };
        var sparse = (info.dwFileAttributes & FILE.FILE_ATTRIBUTE_SPARSE_FILE) != 0;
        return new WindowsRawDevice(path, file, identity, geometry, write, sparse, locks: null);
    }

    private static WindowsRawDevice OpenDevice(string path, string name, bool write)
    {
        if (write)
        {
            TargetGuard.RequireNotSystem(path, name);
        }

        // Volumes of a disk are locked before the disk is opened: a volume's lock is refused while others have it open.
        var locks = write && TargetGuard.TryDisk(name, out var disk) ? VolumeLocks.OfDisk(disk, path) : null;
        var device = WindowsFileCalls.Open(
            name,
            write ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ,
            OPEN.OPEN_EXISTING,
            FILE.FILE_FLAG_OVERLAPPED | FILE.FILE_FLAG_NO_BUFFERING,
            out var error,
            write ? FILE.FILE_SHARE_READ | FILE.FILE_SHARE_WRITE : WindowsFileCalls.ShareAll);
        try
        {
            Require(error, path, write);
            if (WindowsFileCalls.TypeOf(device) != FILE.FILE_TYPE_DISK)
            {
                throw TidemarkException.WrongUse($"{path} is a character device or a pipe. Give a file, disk or volume instead.");
            }

            if (WindowsFileCalls.Stat(device, out var info) == 0 && (info.dwFileAttributes & FILE.FILE_ATTRIBUTE_DIRECTORY) != 0)
            {
                throw TidemarkException.WrongUse($"{path} is a folder. Give a file, disk or volume instead.");
            }

            if (write && locks is null)
            {
                VolumeLocks.Take(device, path, "the volume");
            }

            return BuildDevice(path, name, device, write, locks);
        }
        catch
        {
            device.Dispose();
            locks?.Dispose();
            throw;
        }
    }

    private static WindowsRawDevice BuildDevice(string path, string name, SafeFileHandle device, bool write, VolumeLocks? locks)
    {
        // A file system counts fewer sectors than its volume has (NTFS keeps its second boot sector in the last one);
        // without this the others can't be read. A disk has no such call.
        _ = WindowsFileCalls.Control(device, FSCTL.FSCTL_ALLOW_EXTENDED_DASD_IO);
        var (logical, physical) = DeviceSize.Sectors(device);
        var length = DeviceSize.Length(device, logical);
        if (length == 0)
        {
            throw TidemarkException.Failed(
                $"{path} has no length, or nothing of it can be read. Check that the device is attached and has a medium.");
        }

        return new WindowsRawDevice(
            path,
            OverlappedFile.OfDevice(device, write, logical),
            WindowsFileIdentity.OfDevice(device, name),
            new DeviceGeometry(length, logical, physical, logical, logical),
            write,
            sparse: false,
            locks);
    }

    // A folder can't be opened in this way; whether it is one is asked only when that failed.
    private static void RequireFile(SafeFileHandle file, string path, int error, bool write)
    {
        if (error == ERROR.ERROR_ACCESS_DENIED && Directory.Exists(path))
        {
            throw TidemarkException.WrongUse($"{path} is a folder. Give a file, disk or volume (C:) instead.");
        }

        Require(error, path, write);
        if (WindowsFileCalls.TypeOf(file) != FILE.FILE_TYPE_DISK)
        {
            throw TidemarkException.WrongUse($"{path} is a character device or a pipe. Give a file, disk or volume instead.");
        }
    }

    private static void RequireLength(int error, string path, long length)
    {
        if (error is ERROR.ERROR_FILE_TOO_LARGE or ERROR.ERROR_INVALID_PARAMETER or ERROR.ERROR_FILE_SYSTEM_LIMITATION)
        {
            throw TidemarkException.Failed(
                $"{path} can't become {length} bytes long: its file system has no files as large. " +
                "Put it on another file system.");
        }

        Require(error, path, write: true);
    }

    private static void Require(int error, string path, bool write)
    {
        if (error == 0)
        {
            return;
        }

        var what = write ? "writing" : "reading";
        throw error switch
        {
            ERROR.ERROR_FILE_NOT_FOUND or ERROR.ERROR_PATH_NOT_FOUND or ERROR.ERROR_INVALID_NAME or ERROR.ERROR_INVALID_DRIVE =>
                TidemarkException.WrongUse($"{path} is not there. Check the path."),
            ERROR.ERROR_ACCESS_DENIED => TidemarkException.Failed(
                $"{path} can't be opened for {what}: access is denied. " +
                "Run as administrator, or as a user who may open it."),
            ERROR.ERROR_SHARING_VIOLATION or ERROR.ERROR_LOCK_VIOLATION => TidemarkException.Failed(
                $"{path} is in use by another program. Close that first, or image the volume with a snapshot."),
            ERROR.ERROR_WRITE_PROTECT => TidemarkException.Failed($"{path} is read-only. Choose another target."),
            ERROR.ERROR_NOT_READY => TidemarkException.Failed(
                $"{path} has no medium. Check that the device is attached and has one."),
            ERROR.ERROR_DISK_FULL or ERROR.ERROR_HANDLE_DISK_FULL => TidemarkException.Failed(
                $"{path} can't be made: its volume is full. Make room, or give another target."),
            _ => TidemarkException.Failed($"{path} can't be opened for {what}: {WindowsFileCalls.Reason(error)}."),
        };
    }
}
