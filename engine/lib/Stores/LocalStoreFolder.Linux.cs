using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>A folder by its descriptor: calls are relative to it (openat and its kin).</summary>
internal sealed class LinuxStoreFolder(string path) : LocalStoreFolder(path)
{
    private readonly string path = path;

    /// <summary>The calls of the system; tests refuse some.</summary>
    internal StoreCalls Calls { get; init; } = StoreCalls.System;

    /// <summary>What bounds the descriptors of files; tests have a lower bound.</summary>
    internal OpenFiles OpenFiles { get; init; } = OpenFiles.Shared;

    protected override IEnumerable<StoreEntry> Files()
    {
        foreach (var (name, attributes) in Entries(Libc.S_IFREG))
        {
            if (name is not (StoreNames.LockFile or StoreNames.OwnerFile))
            {
                yield return new StoreEntry(name, (long)attributes.stx_size);
            }
        }
    }

    public override List<string> ListFolders()
    {
        var names = new List<string>();
        foreach (var (name, _) in Entries(Libc.S_IFDIR))
        {
            names.Add(name);
        }

        return names;
    }

    public override StoreFile OpenRead(string name)
    {
        StoreNames.CheckFile(name);
        using var folder = OpenSelf();

        // O_NONBLOCK: opening a pipe somebody put there must not wait for its other end.
        var fd = FileCalls.OpenAt(folder, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out var error);
        try
        {
            Require(-error, "open", name);
            Require(FileCalls.Stat(fd, out var attributes), "open", name);
            if ((attributes.stx_mode & Libc.S_IFMT) != Libc.S_IFREG)
            {
                throw NotRegular(name);
            }

            return new LinuxStoreFile(path, name, (long)attributes.stx_size, fd, OpenFiles);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    public override StoreWriter Create(string name)
    {
        StoreNames.CheckFile(name);
        using var folder = OpenSelf();
        if (FileCalls.StatAt(folder, name, out _) >= 0)
        {
            throw LocalStoreError.For("create", PathOf(name), Errno.EEXIST);
        }

        const int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL;
        var temporary = TemporaryName.New(name);
        var mode = SharedMode.Of(folder);
        var buffered = FileCalls.OpenAt(folder, temporary, flags | Libc.O_NOFOLLOW, out var error, mode.File);
        try
        {
            Require(-error, "create", name);
            mode.SetFile(buffered);
            Require(FileCalls.Stat(buffered, out var attributes), "create", name);
            var file = DirectFile.Pair(
                buffered,
                attributes,
                DirectFile.UnknownAlignment,
                () => Calls.OpenDirect(folder, temporary));
            Unflushed.Begin(temporary);
            return new LinuxStoreWriter(temporary, name, file, this);
        }
        catch
        {
            buffered.Dispose();
            throw;
        }
    }

    protected override void Rename(string temporary, string name)
    {
        using var folder = OpenSelf();
        var result = ExclusiveRename.Run(Calls, folder, temporary, name);
        if (result == -Errno.EEXIST)
        {
            throw IsThere(name);
        }

        Require(result, "create", name);
    }

    public override void Delete(string name)
    {
        StoreNames.CheckFile(name);
        using var folder = OpenSelf();
        Require(FileCalls.StatAt(folder, name, out var attributes), "delete", name);
        if ((attributes.stx_mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            throw NotRegular(name);
        }

        Require(Calls.Unlink(folder, name), "delete", name);
    }

    protected override void FlushNames()
    {
        using var folder = OpenSelf();
        var result = Calls.FlushFolder(folder);

        // These say that names may be lost. Any other error says that the file system has no such call for folders, in
        // whatever words: its names are as durable as it makes them by itself.
        if (result is -Errno.EIO or -Errno.ENOSPC or -Errno.EDQUOT or -Errno.EROFS)
        {
            Require(result, "flush", null);
        }
        else if (result < 0)
        {
            AddNote(
                $"{path}: the file system refuses to flush folders ({FileCalls.Reason(-result)}), so a power failure soon after a run may take its image.");
        }
    }

    protected override OwnerFile OwnerFile() => new LinuxOwnerFile(path, Calls);

    protected override bool TryLockSystem(out IDisposable? taken, out bool works, out string holder)
    {
        using var folder = OpenSelf();
        var system = FolderLock.TryTake(Calls, folder, path, out holder, out var refused);
        if (refused != 0)
        {
            AddNote($"{path}: the file system refuses locks ({FileCalls.Reason(refused)}); the owner's file alone keeps other runs out.");
        }

        works = system is { Works: true };
        taken = system;
        return system is not null;
    }

    protected override bool IsShared() => SharedFileSystem.Holds(path);

    public override void MakeFolder(string name)
    {
        using var folder = OpenSelf();
        var mode = SharedMode.Of(folder);
        var result = FileCalls.Result(Libc.mkdirat(folder, name, mode.Folder));
        if (result == -Errno.EEXIST)
        {
            throw TidemarkException.WrongUse($"{PathOf(name)} is there already. Give another name.");
        }

        Require(result, "create", name);
        if (mode.IsForced)
        {
            using var made = FileCalls.OpenAt(folder, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, out _);
            if (!made.IsInvalid)
            {
                _ = Libc.fchmod(made, mode.Folder);
            }
        }

        Flush();
    }

    public override void RequireFolder(string name)
    {
        using var folder = OpenSelf();
        var result = FileCalls.StatAt(folder, name, out var attributes);
        if (result == -Errno.ENOENT)
        {
            throw TidemarkException.WrongUse($"There is no folder {PathOf(name)}. Check the name.");
        }

        Require(result, "open", name);
        if ((attributes.stx_mode & Libc.S_IFMT) != Libc.S_IFDIR)
        {
            throw TidemarkException.WrongUse($"{PathOf(name)} is not a folder. Check the name.");
        }
    }

    protected override void RequireReadable()
    {
        using var folder = OpenSelf();
    }

    private IEnumerable<(string Name, statx Attributes)> Entries(int kind)
    {
        using var folder = OpenSelf();
        var names = FolderNames.Read(path, out var error);
        Require(-error, "list", null);
        foreach (var name in names)
        {
            // An entry that went away meanwhile is none of the store's.
            if (FileCalls.StatAt(folder, name, out var attributes) >= 0 && (attributes.stx_mode & Libc.S_IFMT) == kind)
            {
                yield return (name, attributes);
            }
        }
    }

    private FdHandle OpenSelf()
    {
        var fd = FileCalls.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY, out var error);
        if (error == 0)
        {
            return fd;
        }

        fd.Dispose();
        throw error switch
        {
            Errno.ENOENT => TidemarkException.WrongUse($"There is no folder {path}. Check the path."),
            Errno.ENOTDIR => TidemarkException.WrongUse($"{path} is not a folder. Check the path."),
            _ => LocalStoreError.For("open", path, error),
        };
    }

    private void Require(int result, string verb, string? name)
    {
        if (result < 0)
        {
            throw LocalStoreError.For(verb, name is null ? path : PathOf(name), -result);
        }
    }
}
