using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The calls in which file systems differ most: each returns its result, or the negative errno. A test that stands for a
/// file system refuses what that refuses.
/// </summary>
internal class StoreCalls
{
    public static StoreCalls System { get; } = new();

    /// <summary>Opens a file of a folder for writing around the page cache; an invalid handle where that is refused.</summary>
    public virtual FdHandle OpenDirect(FdHandle folder, string name) =>
        FileCalls.OpenAt(folder, name, Libc.O_RDWR | Libc.O_DIRECT | Libc.O_NOFOLLOW, out _);

    public virtual int RenameExclusively(FdHandle folder, string from, string to) =>
        FileCalls.Result(Libc.renameat2(folder, from, folder, to, Libc.RENAME_NOREPLACE));

    public virtual int Link(FdHandle folder, string from, string to) =>
        FileCalls.Result(Libc.linkat(folder, from, folder, to, 0));

    public virtual int Rename(FdHandle folder, string from, string to) =>
        FileCalls.Result(Libc.renameat2(folder, from, folder, to, 0));

    public virtual int Unlink(FdHandle folder, string name) => FileCalls.Result(Libc.unlinkat(folder, name, 0));

    public virtual int FlushFolder(FdHandle folder) => FileCalls.Sync(folder);

    public virtual int FlushFile(FdHandle file) => FileCalls.DataSync(file);

    /// <summary>Takes the exclusive lock of a file, or doesn't wait for it (EAGAIN).</summary>
    public virtual int Lock(FdHandle file) => FileCalls.Result(Libc.flock(file, Libc.LOCK_EX | Libc.LOCK_NB));
}
