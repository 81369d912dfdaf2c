using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Stores;

/// <summary>
/// A folder by its path. It is held open during each call without leave to rename or delete it, so that the path means
/// the same folder from the call's beginning to its end.
/// </summary>
internal sealed unsafe class WindowsStoreFolder(string path) : LocalStoreFolder(path)
{
    private static readonly EnumerationOptions everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly string path = path;

    protected override IEnumerable<StoreEntry> Files() => Entries(folders: false).Where(entry => !StoreNames.IsLockFile(entry.Name));

    public override List<string> ListFolders()
    {
        var names = new List<string>();
        foreach (var entry in Entries(folders: true))
        {
            names.Add(entry.Name);
        }

        return names;
    }

    public override StoreFile OpenRead(string name)
    {
        StoreNames.CheckWindowsFile(name);
        using var folder = OpenSelf();
        var file = OpenEntry(name, GENERIC_READ, OPEN.OPEN_EXISTING, "open");
        try
        {
            if (LocalStoreEntry.IsReparsePoint(file))
            {
                file = OpenThrough(name, file);
            }

            Require(WindowsFileCalls.Length(file, out var length), "open", name);
            return new WindowsStoreFile(PathOf(name), file, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override StoreWriter Create(string name)
    {
        StoreNames.CheckWindowsFile(name);
        using var folder = OpenSelf();
        using (var there = OpenFolder(PathOf(name), FILE.FILE_READ_ATTRIBUTES, out var missing))
        {
            if (missing == 0)
            {
                throw WindowsStoreError.For("create", PathOf(name), ERROR.ERROR_FILE_EXISTS);
            }
        }

        var temporary = TemporaryName.New(name);
        var made = OpenEntry(temporary, GENERIC_READ | GENERIC_WRITE, CREATE.CREATE_NEW, "create");
        var file = OverlappedFile.OfFile(made, write: true);
        try
        {
            Unflushed.Begin(temporary);
            return WindowsStoreWriter.Open(temporary, name, file, this);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    protected override void Rename(string temporary, string name)
    {
        using var folder = OpenSelf();
        OpenEntry(temporary, FILE.FILE_READ_ATTRIBUTES, OPEN.OPEN_EXISTING, "create").Dispose();
        int error;
        fixed (char* source = WindowsPath.OfFile(PathOf(temporary)))
        fixed (char* target = WindowsPath.OfFile(PathOf(name)))
        {
            // Without MOVEFILE_REPLACE_EXISTING it never replaces; written through, it is durable when it returns.
            error = MoveFileExW(source, target, MOVEFILE_WRITE_THROUGH) ? 0 : Marshal.GetLastSystemError();
        }

        if (error is ERROR.ERROR_ALREADY_EXISTS or ERROR.ERROR_FILE_EXISTS)
        {
            throw IsThere(name);
        }

        Require(error, "create", name);
    }

    public override void Delete(string name)
    {
        StoreNames.CheckWindowsFile(name);
        using var folder = OpenSelf();
        using var file = OpenEntry(name, DELETE | FILE.FILE_READ_ATTRIBUTES, OPEN.OPEN_EXISTING, "delete");

        // With POSIX semantics the name is gone at once, even where a reader has the file open (NTFS since Windows 10
        // 1709); elsewhere it goes when the last handle is closed.
        var error = WindowsFileCalls.SetInfo(
            file,
            FILE_INFO_BY_HANDLE_CLASS.FileDispositionInfoEx,
            new FILE_DISPOSITION_INFO_EX
            {
                Flags = FILE.FILE_DISPOSITION_FLAG_DELETE | FILE.FILE_DISPOSITION_FLAG_POSIX_SEMANTICS,
            });
        if (WindowsFileCalls.IsMissing(error))
        {
            error = WindowsFileCalls.SetInfo(
                file, FILE_INFO_BY_HANDLE_CLASS.FileDispositionInfo, new FILE_DISPOSITION_INFO { DeleteFile = 1 });
        }

        Require(error, "delete", name);
    }

    protected override void FlushNames()
    {
        using var folder = OpenFolder(path, FILE.FILE_LIST_DIRECTORY | FILE.FILE_ADD_FILE, out var opened);
        var error = opened == 0 ? WindowsFileCalls.Flush(folder) : opened;

        // These say that names may be lost. Any other error says that the file system has no such call for folders, as FAT
        // and network folders: renames were written through all the same.
        if (error is ERROR.ERROR_IO_DEVICE or ERROR.ERROR_CRC or ERROR.ERROR_DISK_FULL or ERROR.ERROR_HANDLE_DISK_FULL
            or ERROR.ERROR_DISK_QUOTA_EXCEEDED or ERROR.ERROR_WRITE_PROTECT)
        {
            Require(error, "flush", null);
        }
    }

    protected override OwnerFile OwnerFile() => new WindowsOwnerFile(path);

    protected override bool TryLockSystem(out IDisposable? taken, out bool works, out string holder)
    {
        using var folder = OpenSelf();
        var system = WindowsFolderLock.TryTake(path, out holder);
        works = system is { Works: true };
        taken = system;
        return system is not null;
    }

    protected override bool IsShared() => WindowsSharedFileSystem.Holds(path);

    public override void MakeFolder(string name)
    {
        StoreNames.CheckWindows(name);
        using var folder = OpenSelf();
        int error;
        fixed (char* target = WindowsPath.OfFile(PathOf(name)))
        {
            error = CreateDirectoryW(target, null) ? 0 : Marshal.GetLastSystemError();
        }

        if (error is ERROR.ERROR_ALREADY_EXISTS or ERROR.ERROR_FILE_EXISTS)
        {
            throw TidemarkException.WrongUse($"{PathOf(name)} is there already. Give another name.");
        }

        Require(error, "create", name);
        Flush();
    }

    public override void RequireFolder(string name)
    {
        StoreNames.CheckWindows(name);
        using var folder = OpenSelf();
        using var entry = OpenFolder(PathOf(name), FILE.FILE_READ_ATTRIBUTES, out var error);
        if (error is ERROR.ERROR_FILE_NOT_FOUND or ERROR.ERROR_PATH_NOT_FOUND)
        {
            throw TidemarkException.WrongUse($"There is no folder {PathOf(name)}. Check the name.");
        }

        Require(error, "open", name);
        if (!LocalStoreEntry.IsPlainFolder(entry))
        {
            throw TidemarkException.WrongUse($"{PathOf(name)} is not a folder. Check the name.");
        }
    }

    protected override void RequireReadable()
    {
        using var folder = OpenSelf();
    }

    private IEnumerable<StoreEntry> Entries(bool folders)
    {
        using var folder = OpenSelf();
        var found = new FileSystemEnumerable<(string Name, long Length, FileAttributes Attributes)>(
            WindowsPath.OfFile(path),
            (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.Length, entry.Attributes),
            everything);
        foreach (var (name, length, attributes) in found)
        {
            // What a name in the folder says of a reparse point isn't enough; its tag decides.
            if (attributes.HasFlag(FileAttributes.Directory) == folders
                && (!attributes.HasFlag(FileAttributes.ReparsePoint) || IsPlain(name)))
            {
                yield return new StoreEntry(name, length);
            }
        }
    }

    private bool IsPlain(string name)
    {
        using var entry = OpenFolder(PathOf(name), FILE.FILE_READ_ATTRIBUTES, out var error);
        return error == 0 && LocalStoreEntry.IsPlain(entry);
    }

    private SafeFileHandle OpenSelf()
    {
        // Links on the way to the folder are followed, and it may be one itself: the user named it.
        var folder = WindowsFileCalls.Open(
            WindowsPath.OfFile(path),
            FILE.FILE_LIST_DIRECTORY,
            OPEN.OPEN_EXISTING,
            FILE.FILE_FLAG_BACKUP_SEMANTICS | FILE.FILE_FLAG_OVERLAPPED,
            out var error,
            FILE.FILE_SHARE_READ | FILE.FILE_SHARE_WRITE);
        try
        {
            if (error is ERROR.ERROR_FILE_NOT_FOUND or ERROR.ERROR_PATH_NOT_FOUND)
            {
                throw TidemarkException.WrongUse($"There is no folder {path}. Check the path.");
            }

            Require(error, "open", null);
            if (WindowsFileCalls.Stat(folder, out var info) == 0 && (info.dwFileAttributes & FILE.FILE_ATTRIBUTE_DIRECTORY) == 0)
            {
                throw TidemarkException.WrongUse($"{path} is not a folder. Check the path.");
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenFolder(string full, uint access, out int error) => WindowsFileCalls.Open(
        WindowsPath.OfFile(full),
        access,
        OPEN.OPEN_EXISTING,
        FILE.FILE_FLAG_BACKUP_SEMANTICS | FILE.FILE_FLAG_OPEN_REPARSE_POINT | FILE.FILE_FLAG_OVERLAPPED,
        out error);

    // A plain file, not followed where it is a link.
    private SafeFileHandle OpenEntry(string name, uint access, int disposition, string verb)
    {
        var file = WindowsFileCalls.Open(
            WindowsPath.OfFile(PathOf(name)),
            access,
            (uint)disposition,
            FILE.FILE_FLAG_BACKUP_SEMANTICS | FILE.FILE_FLAG_OPEN_REPARSE_POINT | FILE.FILE_FLAG_OVERLAPPED,
            out var error);
        try
        {
            Require(error, verb, name);
            return LocalStoreEntry.IsPlainFile(file) ? file : throw NotRegular(name);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // A file that the volume keeps deduplicated or in another form reads as a file only when it is opened through that.
    private SafeFileHandle OpenThrough(string name, SafeFileHandle entry)
    {
        var expected = WindowsFileIdentity.OfFile(entry);
        entry.Dispose();
        var file = WindowsFileCalls.Open(
            WindowsPath.OfFile(PathOf(name)), GENERIC_READ, OPEN.OPEN_EXISTING, FILE.FILE_FLAG_OVERLAPPED, out var error);
        if (error == 0 && WindowsFileIdentity.OfFile(file) != expected)
        {
            file.Dispose();
            throw NotRegular(name);
        }

        Require(error, "open", name);
        return file;
    }

    private void Require(int error, string verb, string? name)
    {
        if (error != 0)
        {
            throw WindowsStoreError.For(verb, name is null ? path : PathOf(name), error);
        }
    }
}
