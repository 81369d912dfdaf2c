using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>A piece of an index that can't be believed, and the blocks it spoke of at most.</summary>
internal readonly record struct IndexDamage(long Offset, int Length, long FirstBlock, long EndBlock, string Problem);

/// <summary>
/// Walks every page of one image's index, as a checker does: a page that is damaged is reported with the blocks it
/// covered, and the walk goes on behind it. Memory is one page a level of the tree. Readers use
/// <see cref="ImageCursor"/>, which skips what it needn't know.
/// </summary>
internal sealed class IndexAudit
{
    private readonly ImageReader image;
    private readonly Action<IndexDamage> report;
    private readonly byte[] leaf = new byte[ImageFormat.MaxPageSize];
    private readonly byte[][] directories;
    private readonly int[] counts;
    private readonly int[] next;
    private readonly long[] ends;
    private PageHeader header;
    private LeafWalker walker;
    private PageRef leafReference;
    private bool started;
    private bool leafLoaded;
    private long lastEnd;

    /// <param name="image">The image; unlocked where it is encrypted.</param>
    /// <param name="report">Told of every page that can't be believed, in block order.</param>
    public IndexAudit(ImageReader image, Action<IndexDamage> report)
    {
        this.image = image;
        this.report = report;
        var height = image.Footer.RootLevel;
        directories = new byte[height][];
        counts = new int[height];
        next = new int[height];
        ends = new long[height];
        for (var i = 0; i < height; i++)
        {
            directories[i] = new byte[ImageFormat.MaxPageSize];
        }
    }

    /// <summary>Pages read so far that hold.</summary>
    public long Pages { get; private set; }

    /// <summary>Stored bytes of those pages, each up to the format's alignment.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether anything was reported.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The hashes of a stored extent just told, one a block; valid until the next.</summary>
    public ReadOnlySpan<UInt128> Hashes(in IndexExtent extent) =>
        LeafPage.Hashes(Body, header.HashCount).Slice(extent.HashIndex, (int)extent.Count);

    private ReadOnlySpan<byte> Body => leaf.AsSpan(PageHeader.Size, header.BodyLength);

    /// <summary>The next extent of a page that holds; false at the end.</summary>
    public bool TryNext(out IndexExtent extent)
    {
        while (true)
        {
            if (leafLoaded && walker.TryNext(Body, out extent))
            {
                lastEnd = extent.End;
                return true;
            }

            if (leafLoaded && walker.Malformed)
            {
                Report(leafReference, Math.Max(lastEnd, header.FirstBlock), header.EndBlock, "its list of extents is malformed");
            }

            leafLoaded = false;
            if (!LoadNextLeaf())
            {
                extent = default;
                return false;
            }
        }
    }

    private bool LoadNextLeaf()
    {
        if (!started)
        {
            started = true;
            if (image.Footer.Root is { } root && Load(root, directories.Length, image.Header.BlockCount))
            {
                return true;
            }
        }

        while (true)
        {
            var height = 0;
            while (height < directories.Length && next[height] == counts[height])
            {
                height++;
            }

            if (height == directories.Length)
            {
                return false;
            }

            var i = next[height]++;
            var end = i + 1 < counts[height] ? PageCheck.Child(image, directories[height], i + 1).FirstBlock : ends[height];
            PageCheck.Announce(image, directories[height], i, counts[height]);
            if (Load(PageCheck.Child(image, directories[height], i), height, end))
            {
                return true;
            }
        }
    }

    /// <summary>
    /// Reads a page of a height and checks what its parent says of it; true if it is a leaf that holds.
    /// </summary>
    /// <param name="end">Where its blocks end at most.</param>
    private bool Load(PageRef reference, int height, long end)
    {
        var buffer = height == 0 ? leaf : directories[height - 1];
        var problem = PageCheck.TryRead(image, reference, height, end, buffer, out var page);
        if (problem is not null)
        {
            Report(reference, reference.FirstBlock, end, problem);
            return false;
        }

        Pages++;
        Bytes += ImageFormat.AlignUp(reference.Length);
        if (height > 0)
        {
            counts[height - 1] = page.Entries;
            next[height - 1] = 0;
            ends[height - 1] = end;
            return false;
        }

        header = page;
        leafReference = reference;
        walker = new LeafWalker(page, page.BodyLength - (page.HashCount * ImageFormat.DigestSize), image.PayloadLength);
        leafLoaded = true;
        return true;
    }

    private void Report(in PageRef page, long first, long end, string problem)
    {
        IsDamaged = true;
        report(new IndexDamage(
            page.Offset, page.Length, first, Math.Max(first, end), PageCheck.Describe(page, problem)));
    }
}
