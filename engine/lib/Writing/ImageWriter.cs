using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Writing;

/// <summary>
/// Writes one image from front to back and commits it in one step. One thread uses it; disposing it before
/// <see cref="Commit"/> leaves nothing behind.
/// </summary>
internal sealed class ImageWriter : IDisposable
{
    private readonly StoreFolder folder;
    private readonly ImageHeader header;
    private readonly ImageCipher? cipher;
    private readonly PayloadWriter payload;
    private readonly IndexWriter index;
    private ImageCounts counts;
    private ImageFooter? footer;

    /// <param name="name">The name of an image that is no point in time; null for the name of its sequence.</param>
    public ImageWriter(StoreFolder folder, ImageHeader header, ImageCipher? cipher, string? name = null)
    {
        Invariant.Holds(header.Encrypted == cipher is not null);
        this.folder = folder;
        this.header = header;
        this.cipher = cipher;
        payload = new PayloadWriter(folder, header, name: name);
        index = new IndexWriter(payload, header.ImageId, cipher);
    }

    /// <summary>What was written so far; complete after <see cref="Finish"/>.</summary>
    public ImageCounts Counts => counts;

    public long StoredBytes => payload.StoredBytes;

    /// <summary>Appends a finished frame and says where it lies.</summary>
    public FrameRef AppendFrame(ReadOnlySpan<byte> frame, int plainLength)
    {
        Invariant.Holds(payload.Position % ImageFormat.Alignment == 0);
        var place = new FrameRef(payload.Position, frame.Length);
        payload.Append(frame);
        payload.Align();
        counts = counts with
        {
            Frames = counts.Frames + 1,
            FrameBytes = counts.FrameBytes + payload.Position - place.Offset,
            PlainBytes = counts.PlainBytes + plainLength,
        };
        return place;
    }

    /// <summary>Records an extent in the index; extents come in block order.</summary>
    public void AddExtent(in IndexExtent extent, ReadOnlySpan<UInt128> hashes)
    {
        index.Add(extent, hashes);
        counts = extent.State switch
        {
            BlockState.Data => counts with { DataBlocks = counts.DataBlocks + extent.Count },
            BlockState.Zero => counts with { ZeroBlocks = counts.ZeroBlocks + extent.Count },
            BlockState.Unreadable => counts with { UnreadableBlocks = counts.UnreadableBlocks + extent.Count },
            _ => counts with { UnallocatedBlocks = counts.UnallocatedBlocks + extent.Count },
        };
    }

    /// <summary>Writes what stands behind the frames and makes it all durable; there is no image yet.</summary>
    public void Finish(ImageMetadata metadata, long unreadableBytes)
    {
        Invariant.Holds(footer is null);
        var root = index.Finish();
        counts = counts with { IndexBytes = index.Bytes, IndexPages = index.Pages, UnreadableBytes = unreadableBytes };
        payload.Align();
        var page = new byte[ImageFormat.HeaderSize];
        header.Write(page);
        metadata = metadata.CopiesHeader ? metadata with { Header = HeaderCopy.Write(page) } : metadata;
        var plain = metadata.ToBytes();
        if (plain.Length > ImageFormat.MaxMetadata - ImageCipher.TagSize)
        {
            plain = (metadata with { Unreadable = [] }).ToBytes();
        }

        var stored = plain;
        if (cipher is not null)
        {
            stored = new byte[plain.Length + ImageCipher.TagSize];
            cipher.Seal(CipherSection.Metadata, 0, [], plain, stored);
        }

        var offset = payload.Position;
        payload.Append(stored);
        payload.Align();
        WriteFooter(root, offset, stored, page);
        payload.Finish();
    }

    /// <summary>
    /// Reads back header, footer and every index page as they are stored, as far as the store shows them yet, then commits the
    /// image.
    /// </summary>
    public void Commit()
    {
        Invariant.Holds(footer is not null, "an image is finished before it is committed");

        // Whoever took the lock away has removed these files, which must not be called damage.
        folder.RequireLock();
        if (payload.OpenWritten() is { } files)
        {
            using var written = ImageReader.Open(files);
            CheckWritten(written);
        }

        payload.Commit();
        if (Tracer.On)
        {
            Tracer.Log.ImageCommitted(header.Sequence, StoredBytes, counts.Frames, counts.ChangedBlocks);
        }
    }

    public void Dispose() => payload.Dispose();

    private void CheckWritten(ImageReader written)
    {
        if (written.Footer != footer)
        {
            throw TidemarkException.Failed($"{written.Name} doesn't read back as it was written; nothing was committed. Check the store's disk.");
        }

        if (header.Encrypted)
        {
            written.UseCipher(cipher!.Clone());
        }

        var blocks = new ImageCursor(written, header.BlockCount).CountAll();
        if (blocks != counts.ChangedBlocks)
        {
            throw TidemarkException.Failed(
                $"The index of {written.Name} reads back {blocks} blocks where {counts.ChangedBlocks} were written; nothing was committed. Check the store's disk.");
        }
    }

    private void WriteFooter((PageRef Root, int Level)? root, long metadataOffset, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> page)
    {
        footer = new ImageFooter
        {
            ImageId = header.ImageId,
            HeaderDigest = header.Digest,
            PayloadLength = payload.Position,
            Root = root?.Root,
            RootLevel = root?.Level ?? 0,
            MetadataOffset = metadataOffset,
            MetadataLength = metadata.Length,
            MetadataDigest = Layout.Digest(metadata),
            Counts = counts,
            Parts = payload.PartsWith(ImageFormat.FooterSize),
        };
        Span<byte> bytes = stackalloc byte[ImageFormat.FooterSize];
        footer.Write(bytes, page, cipher);
        payload.Append(bytes);
        Invariant.Holds(payload.Parts == footer.Parts);
    }
}
