using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Writing;

/// <summary>
/// Writes an image's index while its frames are written: leaves gather in a batch that goes into the payload as one
/// piece, and references climb through directory pages to the root. Memory depends on the height of that tree alone.
/// </summary>
/// <param name="firstOrdinal">The number of the first page: 0 but for a repair, which must not seal a page twice.</param>
internal sealed class IndexWriter(PayloadWriter payload, Guid imageId, ImageCipher? cipher, long firstOrdinal = 0)
{
    /// <summary>
    /// Leaves that are written together: 1 MiB of index covers 256 MiB of volume at 4 KiB blocks, so that reading an
    /// index back costs a hard disk one seek for each of those.
    /// </summary>
    private const int BatchPages = 64;

    private readonly LeafBuilder leaf = new();
    private readonly byte[] batch = new byte[BatchPages * ImageFormat.MaxPageSize];
    private readonly (PageRef Page, long End)[] batchRefs = new (PageRef, long)[BatchPages];
    private readonly List<DirectoryLevel> levels = [];
    private readonly byte[] directoryPage = new byte[ImageFormat.MaxPageSize];
    private int batchBytes;
    private int batchCount;
    private IndexExtent pending;
    private long pages;

    /// <summary>Bytes of all pages written so far.</summary>
    public long Bytes { get; private set; }

    public long Pages => pages;

    /// <summary>Adds an extent; extents come in block order, stored ones with a hash for each block.</summary>
    public void Add(in IndexExtent extent, ReadOnlySpan<UInt128> hashes)
    {
        if (extent.State.IsStored())
        {
            FlushPending();
            AddToLeaf(extent, hashes);
            return;
        }

        if (pending.Count > 0 && pending.State == extent.State && pending.End == extent.First)
        {
            pending = pending with { Count = pending.Count + extent.Count };
            return;
        }

        FlushPending();
        pending = extent;
    }

    /// <summary>Writes what is left; returns the root and its level, or null if there was not a single extent.</summary>
    public (PageRef Root, int Level)? Finish()
    {
        FlushPending();
        if (leaf.Entries > 0)
        {
            FinishLeaf();
        }

        FlushBatch();
        if (levels.Count == 0)
        {
            return null;
        }

        for (var i = 0; ; i++)
        {
            var level = levels[i];
            if (i == levels.Count - 1 && level.Count == 1)
            {
                return (level.Refs[0], i);
            }

            FlushDirectory(i);
        }
    }

    private void FlushPending()
    {
        if (pending.Count > 0)
        {
            AddToLeaf(pending, []);
            pending = default;
        }
    }

    private void AddToLeaf(IndexExtent extent, ReadOnlySpan<UInt128> hashes)
    {
        while (true)
        {
            var taken = leaf.Add(extent, hashes);
            if (taken == extent.Count)
            {
                return;
            }

            FinishLeaf();
            extent = extent with { First = extent.First + taken, Count = extent.Count - taken, BlockInFrame = extent.BlockInFrame + (int)taken };
            hashes = hashes[(int)taken..];
        }
    }

    private void FinishLeaf()
    {
        var page = batch.AsSpan(batchBytes, ImageFormat.MaxPageSize);
        var header = leaf.Finish(page, imageId, firstOrdinal + pages++);
        var length = PageSeal.Seal(page, header, cipher, out var digest);
        batchRefs[batchCount++] = (new PageRef(header.FirstBlock, batchBytes, length, digest), header.EndBlock);
        var padded = (int)ImageFormat.AlignUp(length);
        batch.AsSpan(batchBytes + length, padded - length).Clear();
        batchBytes += padded;
        if (batchCount == BatchPages)
        {
            FlushBatch();
        }
    }

    private void FlushBatch()
    {
        if (batchCount == 0)
        {
            return;
        }

        var start = payload.Position;
        payload.Append(batch.AsSpan(0, batchBytes));
        Bytes += batchBytes;
        for (var i = 0; i < batchCount; i++)
        {
            var (page, end) = batchRefs[i];
            AddReference(0, page with { Offset = start + page.Offset }, end);
        }

        batchBytes = batchCount = 0;
    }

    private void AddReference(int height, PageRef reference, long end)
    {
        if (levels.Count == height)
        {
            levels.Add(new DirectoryLevel());
        }

        if (levels[height].Count == PageRef.PerPage)
        {
            FlushDirectory(height);
        }

        levels[height].Refs[levels[height].Count++] = reference;
        levels[height].End = end;
    }

    private void FlushDirectory(int height)
    {
        var level = levels[height];
        Invariant.Holds(level.Count > 0 && height + 1 < ImageFormat.MaxLevels);
        var header = new PageHeader(
            height + 1, level.Count, imageId, firstOrdinal + pages++, level.Refs[0].FirstBlock, level.End, level.Count * PageRef.Size, 0);
        header.Write(directoryPage);
        for (var i = 0; i < level.Count; i++)
        {
            level.Refs[i].Write(directoryPage.AsSpan(PageHeader.Size + (i * PageRef.Size)));
        }

        level.Count = 0;
        var length = PageSeal.Seal(directoryPage, header, cipher, out var digest);
        var offset = payload.Position;
        payload.Append(directoryPage.AsSpan(0, length));
        payload.Align();
        Bytes += payload.Position - offset;
        AddReference(height + 1, new PageRef(header.FirstBlock, offset, length, digest), level.End);
    }

    private sealed class DirectoryLevel
    {
        public PageRef[] Refs { get; } = new PageRef[PageRef.PerPage];

        public int Count { get; set; }

        /// <summary>The block after the last that the references speak of.</summary>
        public long End { get; set; }
    }
}
