using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>A file whose descriptor is open when it is needed; <see cref="OpenFiles"/> bounds how many are.</summary>
internal sealed class LinuxStoreFile : LocalStoreFile
{
    private readonly string folder;
    private readonly string name;
    private readonly OpenFiles open;
    private volatile FdHandle? descriptor;
    private volatile bool wasRead;
    private volatile bool disposed;

    /// <summary>A file that was opened just now; the descriptor belongs to it.</summary>
    public LinuxStoreFile(string folder, string name, long length, FdHandle opened, OpenFiles open)
        : base(Path.Combine(folder, name), length)
    {
        this.folder = folder;
        this.name = name;
        this.open = open;
        open.Add(this, opened);
    }

    /// <summary>Null while it is closed; <see cref="OpenFiles"/> alone sets it.</summary>
    public FdHandle? Descriptor
    {
        get => descriptor;
        set => descriptor = value;
    }

    /// <summary>Whether it was read since somebody last looked for a descriptor to close.</summary>
    public bool WasRead
    {
        get => wasRead;
        set => wasRead = value;
    }

    /// <summary>Its place among the open ones.</summary>
    public int Place { get; set; }

    public override void Dispose()
    {
        disposed = true;
        open.Close(this);
    }

    public override void Expect(long offset, long length)
    {
        try
        {
            _ = Libc.posix_fadvise(descriptor ?? open.Open(this), offset, length, Libc.POSIX_FADV_WILLNEED);
        }
        catch (Exception e) when (e is TidemarkException or ObjectDisposedException)
        {
            // The read itself says what is wrong.
            return;
        }
    }

    /// <summary>Opens it as it was: a regular file of the same length, since a committed file never changes.</summary>
    public bool TryOpen(out FdHandle opened, out int error)
    {
        using var parent = FileCalls.Open(folder, Libc.O_RDONLY | Libc.O_DIRECTORY, out error);
        opened = new FdHandle();
        if (error != 0)
        {
            return false;
        }

        // O_NONBLOCK: opening a pipe somebody put there must not wait for its other end.
        var fd = FileCalls.OpenAt(parent, name, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out error);
        if (error == 0)
        {
            error = -Math.Min(0, FileCalls.Stat(fd, out var now));
            if (error == 0 && ((now.stx_mode & Libc.S_IFMT) != Libc.S_IFREG || (long)now.stx_size != Length))
            {
                fd.Dispose();
                throw TidemarkException.Damaged($"{Name} was exchanged or cut off while it was read. Look at what else writes there, and run again.");
            }
        }

        if (error != 0)
        {
            fd.Dispose();
            return false;
        }

        opened = fd;
        return true;
    }

    public TidemarkException OpenError(int error) => LocalStoreError.For("open", Name, error);

    protected override unsafe long Read(byte* buffer, int length, long offset)
    {
        if (!wasRead)
        {
            wasRead = true;
        }

        while (true)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            try
            {
                return FileCalls.Read(descriptor ?? open.Open(this), buffer, (nuint)length, offset);
            }
            catch (ObjectDisposedException) when (!disposed)
            {
                // Closed for another file between the look at it and the call.
                continue;
            }
        }
    }

    protected override TidemarkException Error(string verb, int error) => LocalStoreError.For(verb, Name, error);
}
