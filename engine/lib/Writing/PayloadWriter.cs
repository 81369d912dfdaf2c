using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Writing;

/// <summary>
/// The payload of a new image: one address space, written front to back over as many parts as it takes. Every part
/// begins with a page that says what it is. Parts are completed as they are full; the first one, the head, is the last, and
/// before that there is no image.
/// </summary>
internal sealed class PayloadWriter : IDisposable
{
    private readonly StoreFolder folder;
    private readonly ImageHeader header;
    private readonly byte[] page = new byte[ImageFormat.HeaderSize];
    private readonly StoreWriter head;
    private readonly string headName;
    private readonly List<string> completed = [];
    private StoreWriter part;
    private bool committing;
    private bool committed;

    /// <param name="original">The header's page where it isn't to be made anew.</param>
    /// <param name="name">The name of an image that is no point in time, in one file; null for the name of its sequence.</param>
    public PayloadWriter(StoreFolder folder, ImageHeader header, ReadOnlySpan<byte> original = default, string? name = null)
    {
        Invariant.Holds(name is null || header.PartSize == 0);
        this.folder = folder;
        this.header = header;
        headName = name ?? header.FileName(0);
        part = head = folder.Create(headName);
        Parts = 1;
        if (original.IsEmpty)
        {
            header.Write(page);
        }
        else
        {
            original.CopyTo(page);
        }

        part.Append(page);
    }

    /// <summary>Bytes of payload so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes of all parts, headers included.</summary>
    public long StoredBytes => Position + ((long)Parts * ImageFormat.HeaderSize);

    public int Parts { get; private set; }

    /// <summary>The number of parts there will be once <paramref name="more"/> bytes are appended.</summary>
    public int PartsWith(int more)
    {
        if (header.PartSize == 0)
        {
            return 1;
        }

        var perPart = header.PartSize - ImageFormat.HeaderSize;
        return (int)Math.Max(Parts, (Position + more + perPart - 1) / perPart);
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (header.PartSize > 0 && part.Position == header.PartSize)
            {
                NextPart();
            }

            var room = header.PartSize > 0 ? header.PartSize - part.Position : long.MaxValue;
            var now = (int)Math.Min(data.Length, room);
            part.Append(data[..now]);
            Position += now;
            data = data[now..];
        }
    }

    /// <summary>Fills with zeros up to the next multiple of the format's alignment.</summary>
    public void Align()
    {
        Span<byte> zeros = stackalloc byte[ImageFormat.Alignment];
        zeros.Clear();
        Append(zeros[..(int)(ImageFormat.AlignUp(Position) - Position)]);
    }

    /// <summary>Makes all of it durable; nothing may be appended after it, and nobody sees an image yet.</summary>
    public void Finish()
    {
        if (part != head)
        {
            completed.Add(header.FileName(Parts - 1));
            try
            {
                part.Complete();
            }
            catch (TidemarkException e) when (e.IsCommitted)
            {
                // The part is; the image isn't.
                throw new TidemarkException(e.Error, e.InnerException?.Message ?? e.Message, e);
            }
        }

        head.Settle();
    }

    /// <summary>
    /// The finished parts, the head first, for a look at them before they count; null where the store doesn't show the head
    /// before it is complete. The caller disposes them.
    /// </summary>
    public StoreFile[]? OpenWritten()
    {
        var files = new List<StoreFile>(Parts);
        try
        {
            if (head.OpenWritten() is not { } first)
            {
                return null;
            }

            files.Add(first);
            foreach (var name in completed)
            {
                files.Add(folder.OpenRead(name));
            }

            return [.. files];
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Completes the head: before that nothing is there for any reader, after it the image is complete.</summary>
    public void Commit()
    {
        committing = true;
        try
        {
            head.Complete();
        }
        catch (TidemarkException e)
        {
            committed = e.IsCommitted;
            throw;
        }

        committed = true;
    }

    /// <summary>Closes the open parts and removes what was not committed, as far as that still works.</summary>
    public void Dispose()
    {
        part.Dispose();
        try
        {
            if (!committed)
            {
                Discard();
            }
        }
        catch (TidemarkException)
        {
            // The run that failed has its own message; the next run removes what is left.
        }

        // Where a store tells what was begun, the head does so until its parts are gone.
        head.Dispose();
    }

    private void Discard()
    {
        if (completed.Count == 0 || (committing && IsThere()))
        {
            return;
        }

        foreach (var name in completed)
        {
            folder.Delete(name);
        }

        completed.Clear();
        folder.Flush();
    }

    /// <summary>Whether the image has its head, whatever the error said with which that was given.</summary>
    private bool IsThere()
    {
        if (folder.List().All(entry => entry.Name != headName))
        {
            return false;
        }

        using var file = folder.OpenRead(headName);
        var its = new byte[ImageFormat.HeaderSize];
        file.ReadAt(0, its);
        return ImageHeader.TryRead(its, out _)?.ImageId == header.ImageId;
    }

    private void NextPart()
    {
        if (Parts == ImageFormat.MaxParts)
        {
            throw TidemarkException.WrongUse(
                $"The image would have more than {ImageFormat.MaxParts} parts of {header.PartSize} bytes; split it into larger ones.");
        }

        if (part == head)
        {
            head.Settle();
        }
        else
        {
            completed.Add(header.FileName(Parts - 1));
            part.Complete(withNext: true);
            part.Dispose();
        }

        part = folder.Create(header.FileName(Parts));
        new PartHeader(header.ChainId, header.ImageId, Parts++, header.PartSize).Write(page);
        part.Append(page);
    }
}
