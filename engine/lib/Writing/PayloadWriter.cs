using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Writing;

/// <summary>
/// The payload of a new image: one address space, written front to back over as many parts as it takes. Every part
/// begins with a page that says what it is.
/// </summary>
internal sealed class PayloadWriter : IDisposable
{
    private readonly StoreFolder folder;
    private readonly ImageHeader header;
    private readonly byte[] page = new byte[ImageFormat.HeaderSize];
    private readonly string? name;
    private readonly List<string> temporaries = [];
    private int renamed = int.MaxValue;
    private StoreWriter part;

    /// <param name="original">The header's page where it isn't to be made anew.</param>
    /// <param name="name">The name of an image that is no point in time, in one file; null for the name of its sequence.</param>
    public PayloadWriter(StoreFolder folder, ImageHeader header, ReadOnlySpan<byte> original = default, string? name = null)
    {
        this.name = name;
        Debug.Assert(name is null || header.PartSize == 0);
        this.folder = folder;
        this.header = header;
        part = CreatePart(0);
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

    /// <summary>Parts so far; what was committed still counts.</summary>
    public int Parts { get; private set; }

    /// <summary>The names of the parts until they are committed, the first part first.</summary>
    public IReadOnlyList<string> TemporaryNames => temporaries;

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

    /// <summary>Makes all parts durable, still under their temporary names.</summary>
    public void Complete() => part.Complete();

    /// <summary>
    /// Gives the parts their names, the first one last: before that rename nothing refers to the image, after it the
    /// image is complete.
    /// </summary>
    public void Commit()
    {
        if (temporaries.Count > 1)
        {
            // The first part's temporary name tells, after a crash, that the others were never committed: it must not be
            // lost while their renames stay.
            folder.Flush();
            for (renamed = temporaries.Count; renamed > 1; renamed--)
            {
                folder.Rename(temporaries[renamed - 1], ImageNames.Part(header.Sequence, renamed - 1));
            }

            folder.Flush();
        }

        var first = name ?? ImageNames.Part(header.Sequence, 0);
        folder.Rename(temporaries[0], first);
        temporaries.Clear();
        try
        {
            folder.Flush();
        }
        catch (TidemarkException e)
        {
            throw TidemarkException.AfterCommit(
                $"{first} in {folder.Name} is written, checked and has its name, but a power failure may take it yet", e);
        }
    }

    /// <summary>Closes the open part and deletes what was not committed, as far as that still works.</summary>
    public void Dispose()
    {
        part.Dispose();
        try
        {
            Discard();
        }
        catch (TidemarkException)
        {
            // The run that failed has its own message; the next run removes what is left.
        }

        temporaries.Clear();
    }

    /// <summary>
    /// Deletes the parts, those first that have their names already: they are only known as leftovers as long as the first
    /// part has its temporary one.
    /// </summary>
    private void Discard()
    {
        if (temporaries.Count == 0)
        {
            return;
        }

        if (renamed < temporaries.Count)
        {
            if (folder.List().All(entry => entry.Name != temporaries[0]))
            {
                // The image has its name, whatever the error of the rename said.
                return;
            }

            for (var i = renamed; i < temporaries.Count; i++)
            {
                folder.Delete(ImageNames.Part(header.Sequence, i));
            }

            folder.Flush();
        }

        for (var i = Math.Min(renamed, temporaries.Count) - 1; i >= 0; i--)
        {
            folder.Delete(temporaries[i]);
        }
    }

    private void NextPart()
    {
        part.Complete();
        part.Dispose();
        if (temporaries.Count == ImageFormat.MaxParts)
        {
            throw TidemarkException.WrongUse(
                $"The image would have more than {ImageFormat.MaxParts} parts of {header.PartSize} bytes; give a larger size to --split.");
        }

        part = CreatePart(temporaries.Count);
        new PartHeader(header.ChainId, header.ImageId, temporaries.Count - 1, header.PartSize).Write(page);
        part.Append(page);
    }

    private StoreWriter CreatePart(int number)
    {
        Debug.Assert(number == temporaries.Count);
        var temporary = name is null
            ? ImageNames.Temporary(header.Sequence, number, header.ImageId)
            : $"{name}.{header.ImageId:N}{ImageNames.TemporaryExtension}";
        var writer = folder.Create(temporary);
        temporaries.Add(temporary);
        Parts++;
        return writer;
    }
}
