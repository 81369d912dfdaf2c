using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>The owner's file in a folder of Linux.</summary>
internal sealed unsafe class LinuxOwnerFile(string folderPath, StoreCalls calls) : OwnerFile
{
    private readonly string path = Path.Combine(folderPath, StoreNames.OwnerFile);

    public override byte[]? Read()
    {
        using var fd = Open(Libc.O_RDONLY, out var error);
        if (error == Errno.ENOENT)
        {
            return null;
        }

        Require(error);
        var content = new byte[LockOwner.MaxBytes];
        fixed (byte* start = content)
        {
            var length = FileCalls.Read(fd, start, (nuint)content.Length, 0);
            Require((int)-Math.Min(0, length));
            return content[..(int)length];
        }
    }

    public override bool TryCreate(ReadOnlySpan<byte> content)
    {
        using var fd = Open(Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL, out var error);
        if (error == Errno.EEXIST)
        {
            return false;
        }

        Require(error);
        try
        {
            Write(fd, content);
        }
        catch
        {
            // What has no owner in it would be a riddle to the next run.
            Delete();
            throw;
        }

        return true;
    }

    public override bool TryWrite(ReadOnlySpan<byte> content)
    {
        using var fd = Open(Libc.O_RDWR, out var error);
        if (error == Errno.ENOENT)
        {
            return false;
        }

        Require(error);
        Write(fd, content);
        return true;
    }

    public override void Delete()
    {
        using var folder = FileCalls.Open(folderPath, Libc.O_RDONLY | Libc.O_DIRECTORY, out var error);
        Require(error);
        var result = FileCalls.Result(Libc.unlinkat(folder, StoreNames.OwnerFile, 0));
        Require(result == -Errno.ENOENT ? 0 : -Math.Min(0, result));
    }

    private void Write(FdHandle fd, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            var written = FileCalls.Write(fd, start, (nuint)content.Length, 0);
            Require(written == content.Length ? 0 : written < 0 ? (int)-written : Errno.ENOSPC);
        }

        // Also what makes a share send it now. Where there is no such call, the look at it afterwards decides all the same.
        var flushed = calls.FlushFile(fd);
        Require(LocalStoreError.IsRefusal(flushed) ? 0 : -flushed);
    }

    private FdHandle Open(int flags, out int error)
    {
        using var folder = FileCalls.Open(folderPath, Libc.O_RDONLY | Libc.O_DIRECTORY, out error);
        Require(error);

        // Links aren't followed, and a pipe that somebody put there isn't waited for.
        var mode = SharedMode.Of(folder);
        var fd = FileCalls.OpenAt(folder, StoreNames.OwnerFile, flags | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out error, mode.File);
        if ((flags & Libc.O_CREAT) != 0 && error == 0)
        {
            mode.SetFile(fd);
        }

        if (error == 0 && FileCalls.Stat(fd, out var attributes) >= 0 && (attributes.stx_mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            fd.Dispose();
            throw TidemarkException.WrongUse($"{path} is not a regular file, and nothing else is touched. Look at it.");
        }

        return fd;
    }

    private void Require(int error)
    {
        if (error != 0)
        {
            throw LocalStoreError.For("lock", path, error);
        }
    }
}
