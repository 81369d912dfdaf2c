using System.Diagnostics;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// Walks the index of one image in block order with one page a level of its tree in memory. It skips whole subtrees
/// that end before the block asked for.
/// </summary>
internal sealed class LevelCursor : RunCursor
{
    private readonly ImageReader image;
    private readonly long limit;
    private readonly byte[] leaf = new byte[ImageFormat.MaxPageSize];
    private readonly byte[][] directories;
    private readonly int[] counts;
    private readonly int[] next;

    /// <summary>Where the page of each height that is in memory lies, the leaf's at 0; -1 for none.</summary>
    private readonly long[] loaded;
    private PageHeader header;
    private LeafWalker walker;
    private bool leafLoaded;
    private long lastEnd;
    private IndexRun run;

    /// <param name="image">The image whose index is walked.</param>
    /// <param name="limit">Blocks from here on are left out: a newer image of the lineage was smaller.</param>
    public LevelCursor(ImageReader image, long limit)
    {
        this.image = image;
        this.limit = limit;
        var root = image.Footer.Root;
        var height = root is null ? 0 : image.Footer.RootLevel;
        directories = new byte[height][];
        counts = new int[height];
        next = new int[height];
        loaded = new long[height + 1];
        Array.Fill(loaded, -1);
        for (var i = 0; i < height; i++)
        {
            directories[i] = new byte[ImageFormat.MaxPageSize];
        }

        if (root is null)
        {
            Exhausted = true;
        }
        else
        {
            Load(root.Value, height, 0);
        }
    }

    public override ImageReader Image => image;

    public bool Exhausted { get; private set; }

    public override ref readonly IndexRun Current => ref run;

    public override ReadOnlySpan<UInt128> Hashes =>
        LeafPage.Hashes(Body, header.HashCount).Slice(run.HashIndex, (int)run.Count);

    private ReadOnlySpan<byte> Body => leaf.AsSpan(PageHeader.Size, header.BodyLength);

    public override bool MoveTo(long block)
    {
        while (!Exhausted)
        {
            if (leafLoaded && header.EndBlock > block && walker.TryNext(Body, out run))
            {
                if (run.First >= limit)
                {
                    break;
                }

                if (run.End > limit)
                {
                    run = run with { Count = limit - run.First };
                }

                if (run.End > block)
                {
                    return true;
                }

                continue;
            }

            if (walker.Malformed)
            {
                throw image.Damage($"index page {header.Ordinal} is malformed");
            }

            leafLoaded = false;
            if (!LoadNextLeaf(block))
            {
                break;
            }
        }

        Exhausted = true;
        return false;
    }

    /// <summary>As the base says; pages that are in memory are not read again.</summary>
    public override bool SeekTo(long block)
    {
        if (image.Footer.Root is not { } root)
        {
            return false;
        }

        Exhausted = false;
        lastEnd = 0;
        Load(root, directories.Length, block);
        return MoveTo(block);
    }

    private bool LoadNextLeaf(long block)
    {
        for (var height = 0; height < directories.Length; height++)
        {
            while (next[height] < counts[height])
            {
                var i = next[height]++;
                if (next[height] < counts[height] && Reference(height, i + 1).FirstBlock <= block)
                {
                    continue;
                }

                Load(Reference(height, i), height, block);
                return true;
            }
        }

        return false;
    }

    private PageRef Reference(int height, int index)
    {
        var bytes = directories[height].AsSpan(PageHeader.Size + (index * PageRef.Size), PageRef.Size);
        return PageRef.TryRead(bytes, image.PayloadLength, out var reference)
            ? reference
            : throw image.Damage("a directory page is malformed");
    }

    /// <summary>The last child of a directory page that begins at the block or before, else the first.</summary>
    private int ChildOf(int height, long block)
    {
        int low = 0, high = counts[height];
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = Reference(height, middle).FirstBlock <= block ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Loads a page of the given height and below it, down to a leaf, those that lead to the block.</summary>
    private void Load(PageRef reference, int height, long block)
    {
        while (height > 0)
        {
            if (loaded[height] != reference.Offset)
            {
                loaded[height] = -1;
                var page = image.ReadPage(reference, directories[height - 1]);
                if (page.Level != height || page.Entries > PageRef.PerPage || page.BodyLength != page.Entries * PageRef.Size
                    || page.HashCount != 0)
                {
                    throw image.Damage("a directory page is malformed");
                }

                counts[height - 1] = page.Entries;
                loaded[height] = reference.Offset;
            }

            var child = ChildOf(height - 1, block);
            next[height - 1] = child + 1;
            reference = Reference(height - 1, child);
            height--;
        }

        if (loaded[0] != reference.Offset)
        {
            loaded[0] = -1;
            header = image.ReadPage(reference, leaf);
            loaded[0] = reference.Offset;
        }

        if (header.Level != 0 || header.FirstBlock < lastEnd)
        {
            throw image.Damage($"index page {header.Ordinal} is out of order");
        }

        Debug.Assert(header.BodyLength <= PageHeader.MaxBody);
        lastEnd = header.EndBlock;
        walker = new LeafWalker(header, header.BodyLength - (header.HashCount * ImageFormat.DigestSize), image.PayloadLength);
        leafLoaded = true;
    }
}
