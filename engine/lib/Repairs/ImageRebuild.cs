using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Writing;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// Writes an image once more as it was written, from what a survey finds: the same frames at the same places, and the
/// same index between them. Where that isn't possible, a new index stands behind everything else.
/// </summary>
internal sealed class ImageRebuild : IRebuildSink, IDisposable
{
    /// <summary>Bytes copied at a time.</summary>
    private const int CopySize = 1 << 20;

    private readonly ImageHeader header;
    private readonly RawPayload raw;
    private readonly ImageCipher? cipher;
    private readonly ComparingFolder target;
    private readonly PayloadWriter payload;
    private readonly IndexWriter index;
    private readonly byte[] page;
    private readonly bool inPlace;
    private readonly byte[] buffer = new byte[CopySize];
    private readonly CancellationToken cancellation;
    private ImageCounts counts;
    private long framesEnd;

    /// <param name="page">The header's page.</param>
    /// <param name="repairId">A number of this repair's own, 1 to 2^31 - 1, for whatever isn't as it was.</param>
    /// <param name="inPlace">Whether the index goes where it was.</param>
    public ImageRebuild(
        ComparingFolder target, RawPayload raw, ImageHeader header, byte[] page, ImageCipher? cipher, uint repairId, bool inPlace,
        CancellationToken cancellation)
    {
        this.cancellation = cancellation;
        this.target = target;
        this.raw = raw;
        this.header = header;
        this.page = page;
        this.cipher = cipher;
        this.inPlace = inPlace;
        RepairId = repairId;
        payload = new PayloadWriter(target, header, page);
        index = new IndexWriter(payload, header.ImageId, cipher, inPlace ? 0 : (long)repairId << 31);
        if (!inPlace)
        {
            Copy(ImageFormat.AlignUp(raw.Length));
        }
    }

    public uint RepairId { get; }

    /// <summary>Whether an index in its old places doesn't fit them: frames are missing, or another program wrote the image.</summary>
    public bool Misfits { get; private set; }

    public long LostBlocks { get; private set; }

    /// <summary>Ranges of lost blocks, joined.</summary>
    public List<(long First, long End)> Lost { get; } = [];

    public UInt128 IndexDigest { get; private set; }

    public long ChangedBlocks => counts.ChangedBlocks + LostBlocks;

    public long Pages => index.Pages;

    public void Frame(in FrameRef frame, int plainLength, ReadOnlySpan<byte> corrected)
    {
        counts = counts with
        {
            Frames = counts.Frames + 1,
            FrameBytes = counts.FrameBytes + ImageFormat.AlignUp(frame.Length),
            PlainBytes = counts.PlainBytes + plainLength,
        };
        if (!inPlace)
        {
            return;
        }

        Misfits |= payload.Position > frame.Offset;
        if (Misfits)
        {
            return;
        }

        Copy(frame.Offset);
        if (corrected.IsEmpty)
        {
            Copy(frame.Offset + frame.Length);
        }
        else
        {
            payload.Append(corrected);
        }

        payload.Align();
    }

    public void Run(in IndexExtent extent, ReadOnlySpan<UInt128> hashes)
    {
        if (extent.State == BlockState.Lost)
        {
            AddLost(extent);
        }

        if (Misfits || (inPlace && LostBlocks > 0))
        {
            Misfits = true;
            return;
        }

        index.Add(extent, hashes);
        counts = extent.State switch
        {
            BlockState.Data => counts with { DataBlocks = counts.DataBlocks + extent.Count },
            BlockState.Zero => counts with { ZeroBlocks = counts.ZeroBlocks + extent.Count },
            BlockState.Unreadable => counts with { UnreadableBlocks = counts.UnreadableBlocks + extent.Count },
            BlockState.Lost => counts,
            _ => counts with { UnallocatedBlocks = counts.UnallocatedBlocks + extent.Count },
        };
    }

    /// <summary>Writes the index's end, metadata and footer as they were, with the footer that survived.</summary>
    /// <returns>False if what was found isn't what that footer speaks of.</returns>
    public bool TryFinish(ImageFooter old, ReadOnlySpan<byte> footerBytes)
    {
        if (!inPlace || Misfits)
        {
            return false;
        }

        var (root, level) = FinishIndex();
        if (root != old.Root || level != old.RootLevel || payload.Position != old.MetadataOffset)
        {
            return false;
        }

        IndexDigest = old.IndexDigest;

        payload.Append(MetadataSearch.Corrected(raw, old));
        payload.Align();
        payload.Append(footerBytes);
        payload.Finish();
        return true;
    }

    /// <summary>
    /// Writes the index's end, the metadata where they survived, and a new footer. Where nobody names the index, metadata
    /// right behind it prove it complete: frames and pages fill all that lies before.
    /// </summary>
    /// <param name="known">The digest of the index that children or the old footer name; null if nobody does.</param>
    /// <param name="old">The footer that survived; null if none did.</param>
    /// <returns>False if the index isn't proven to be the one that was written, and was to go where that was.</returns>
    public bool TryFinish(UInt128? known, ImageFooter? old)
    {
        if (Misfits)
        {
            return false;
        }

        var (root, level) = FinishIndex();
        IndexDigest = root?.Digest ?? default;
        var (from, stored) = inPlace
            ? MetadataSearch.Find(raw, payload.Position, header, cipher)
            : MetadataSearch.At(raw, old);
        if (inPlace && !(known is { } digest ? digest == IndexDigest : from is not null || EndsThere()))
        {
            return false;
        }

        counts = counts with
        {
            IndexBytes = index.Bytes,
            IndexPages = index.Pages,
            UnreadableBytes = from?.UnreadableBytes ?? (counts.UnreadableBlocks * header.BlockSize),
        };
        var offset = payload.Position;
        payload.Append(stored);
        payload.Align();
        var footer = new ImageFooter
        {
            ImageId = header.ImageId,
            HeaderDigest = header.Digest,
            PayloadLength = payload.Position,
            Root = root,
            RootLevel = level,
            MetadataOffset = offset,
            MetadataLength = stored.Length,
            MetadataDigest = Layout.Digest(stored),
            Counts = counts,
            Parts = payload.PartsWith(ImageFormat.FooterSize),
            RepairId = RepairId,
            NamedDigest = inPlace ? default : known ?? default,
        };
        Span<byte> bytes = stackalloc byte[ImageFormat.FooterSize];
        footer.Write(bytes, page, cipher);
        payload.Append(bytes);
        payload.Finish();
        return true;
    }

    public void Dispose() => payload.Dispose();

    private (PageRef? Root, int Level) FinishIndex()
    {
        framesEnd = payload.Position;
        var finished = index.Finish();
        payload.Align();
        return (finished?.Root, finished?.Level ?? 0);
    }

    /// <summary>
    /// Whether an index page stands where the last frame ended and this index goes on: then no frame followed, since the
    /// pages of a batch that isn't full are written when an image ends.
    /// </summary>
    private bool EndsThere()
    {
        var stored = new byte[ImageFormat.MaxPageSize];
        raw.Read(framesEnd, stored);
        if (!PageHeader.TryRead(stored, out var its) || its.ImageId != header.ImageId)
        {
            return false;
        }

        var covered = PageHeader.Size + its.BodyLength + (cipher is null ? 0 : ImageCipher.TagSize);
        return Layout.Digest(stored.AsSpan(0, covered)) == Layout.U128(stored, covered);
    }

    private void AddLost(in IndexExtent extent)
    {
        LostBlocks += extent.Count;
        if (Lost.Count > 0 && Lost[^1].End == extent.First)
        {
            Lost[^1] = (Lost[^1].First, extent.End);
        }
        else if (Lost.Count < DamagedBlocks.MaxRanges)
        {
            Lost.Add((extent.First, extent.End));
        }
    }

    private void Copy(long end)
    {
        target.Copies = true;
        while (payload.Position < end)
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - payload.Position));
            raw.Read(payload.Position, bytes);
            payload.Append(bytes);
        }

        target.Copies = false;
    }
}
