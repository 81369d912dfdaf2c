using System.Diagnostics;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The descriptors of a store's files that are open: so many at most, however many images and parts a chain has. A file
/// that is read again after its descriptor was closed for another is opened once more.
/// </summary>
/// <remarks>
/// A read of an open file takes no lock and tells only that the file is in use; who needs room looks for one that nobody
/// has read since the last look (the clock algorithm). A descriptor is closed when the last read of it has ended.
/// </remarks>
internal sealed class OpenFiles(int limit)
{
    /// <summary>More than this gain nothing: a merge over as many images reads far more than an open costs.</summary>
    private const int MostFiles = 1024;

    /// <summary>Descriptors for all else a process has open: source, queues, sockets, the runtime's own.</summary>
    private const int OtherFiles = 64;

    /// <summary>Fewer would be opened and closed at every read.</summary>
    private const int FewestFiles = 8;

    private readonly object gate = new();
    private readonly List<LinuxStoreFile> files = [];
    private int hand;

    public static OpenFiles Shared { get; } = new(
        (int)Math.Clamp((DescriptorLimit.Current - OtherFiles) / 2, FewestFiles, MostFiles));

    /// <summary>Descriptors that are open.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return files.Count;
            }
        }
    }

    /// <summary>Opens a file's descriptor, unless another thread has just done it.</summary>
    /// <exception cref="TidemarkException">The file can't be opened, or isn't what it was.</exception>
    public FdHandle Open(LinuxStoreFile file)
    {
        lock (gate)
        {
            if (file.Descriptor is { } there)
            {
                return there;
            }

            while (files.Count >= limit)
            {
                CloseOne();
            }

            FdHandle opened;
            while (!file.TryOpen(out opened, out var error))
            {
                // Somebody else in this process has more open than was thought.
                if (error is not (Errno.EMFILE or Errno.ENFILE) || files.Count == 0)
                {
                    throw file.OpenError(error);
                }

                CloseOne();
            }

            Place(file, opened);
            return opened;
        }
    }

    /// <summary>Takes a file with its descriptor.</summary>
    public void Add(LinuxStoreFile file, FdHandle opened)
    {
        lock (gate)
        {
            while (files.Count >= limit)
            {
                CloseOne();
            }

            Place(file, opened);
        }
    }

    public void Close(LinuxStoreFile file)
    {
        lock (gate)
        {
            if (file.Descriptor is not null)
            {
                Take(file);
            }
        }
    }

    private void Place(LinuxStoreFile file, FdHandle opened)
    {
        file.Place = files.Count;
        files.Add(file);
        file.Descriptor = opened;
    }

    private void CloseOne()
    {
        while (true)
        {
            hand = hand < files.Count ? hand : 0;
            var file = files[hand];
            if (!file.WasRead)
            {
                Take(file);
                return;
            }

            file.WasRead = false;
            hand++;
        }
    }

    private void Take(LinuxStoreFile file)
    {
        Debug.Assert(files[file.Place] == file);
        var last = files[^1];
        files[file.Place] = last;
        last.Place = file.Place;
        files.RemoveAt(files.Count - 1);
        var closed = file.Descriptor!;
        file.Descriptor = null;
        closed.Dispose();
    }
}
