using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Stores;

/// <summary>The owner's file in a folder of Windows.</summary>
internal sealed unsafe class WindowsOwnerFile(string folderPath) : OwnerFile
{
    // Others look at the file for moments only.
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string path = Path.Combine(folderPath, StoreNames.OwnerFile);

    public override byte[]? Read()
    {
        using var file = Open(GENERIC_READ, OPEN.OPEN_EXISTING, out var error);
        if (error == ERROR.ERROR_FILE_NOT_FOUND)
        {
            return null;
        }

        Require(error);
        var content = new byte[LockOwner.MaxBytes];
        fixed (byte* start = content)
        {
            var length = WindowsFileCalls.Read(file, start, (uint)content.Length, 0);
            Require((int)-Math.Min(0, length));
            return content[..(int)length];
        }
    }

    public override bool TryCreate(ReadOnlySpan<byte> content)
    {
        using (var file = Open(GENERIC_READ | GENERIC_WRITE, CREATE.CREATE_NEW, out var error))
        {
            if (error is ERROR.ERROR_FILE_EXISTS or ERROR.ERROR_ALREADY_EXISTS)
            {
                return false;
            }

            Require(error);
            if (TryFill(file, content) is var failed and not 0)
            {
                file.Dispose();

                // What has no owner in it would be a riddle to the next run.
                Delete();
                Require(failed);
            }
        }

        return true;
    }

    public override bool TryWrite(ReadOnlySpan<byte> content)
    {
        using var file = Open(GENERIC_READ | GENERIC_WRITE, OPEN.OPEN_EXISTING, out var error);
        if (error == ERROR.ERROR_FILE_NOT_FOUND)
        {
            return false;
        }

        Require(error);
        Require(TryFill(file, content));
        return true;
    }

    public override void Delete()
    {
        using var file = Open(DELETE | FILE.FILE_READ_ATTRIBUTES, OPEN.OPEN_EXISTING, out var error);
        if (error == ERROR.ERROR_FILE_NOT_FOUND)
        {
            return;
        }

        Require(error);
        Require(WindowsFileCalls.SetInfo(
            file, FILE_INFO_BY_HANDLE_CLASS.FileDispositionInfo, new FILE_DISPOSITION_INFO { DeleteFile = 1 }));
    }

    private static int TryFill(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            var written = WindowsFileCalls.Write(file, start, (uint)content.Length, 0);
            return written == content.Length ? WindowsFileCalls.Flush(file)
                : written < 0 ? (int)-written : ERROR.ERROR_DISK_FULL;
        }
    }

    private SafeFileHandle Open(uint access, int disposition, out int error)
    {
        SafeFileHandle file;
        for (var attempt = 1; ; attempt++)
        {
            file = WindowsFileCalls.Open(
                WindowsPath.OfFile(path),
                access,
                (uint)disposition,
                FILE.FILE_FLAG_OVERLAPPED | FILE.FILE_FLAG_OPEN_REPARSE_POINT,
                out error);

            // A name that is deleted stays until its last reader has closed the file, and so long it lets nobody in.
            if (error is not (ERROR.ERROR_ACCESS_DENIED or ERROR.ERROR_DELETE_PENDING or ERROR.ERROR_SHARING_VIOLATION)
                || attempt == Attempts)
            {
                break;
            }

            file.Dispose();
            Thread.Sleep(Pause);
        }

        if (error == 0 && !LocalStoreEntry.IsPlainFile(file))
        {
            file.Dispose();
            throw TidemarkException.WrongUse($"{path} is not a regular file, and nothing else is touched. Look at it.");
        }

        return file;
    }

    private void Require(int error)
    {
        if (error != 0)
        {
            throw WindowsStoreError.For("lock", path, error);
        }
    }
}
