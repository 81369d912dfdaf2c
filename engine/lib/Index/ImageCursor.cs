using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// Walks the index of one image in block order with one page a level of its tree in memory. It skips whole subtrees
/// that end before the block asked for. Damage doesn't end the walk: the blocks that a damaged page may have spoken of are
/// told as <see cref="BlockState.Lost"/>, since an older image must not be taken for what it said.
/// </summary>
internal sealed class ImageCursor : ExtentCursor
{
    private readonly ImageReader image;
    private readonly long limit;
    private readonly bool passesDamage;
    /// <summary>
    /// Pages of a small index take memory in steps of this: an increment's are small, and a chain has hundreds of them.
    /// </summary>
    private const int PageStep = 4096;

    /// <summary>Bytes of the root of a small index at most: two leaves, a digest, and a tag of its size if it is sealed.</summary>
    private const int SmallRoot = PageHeader.Size + (2 * PageRef.Size) + (2 * ImageFormat.DigestSize);

    private readonly int pageStep;

    private byte[] leaf = [];
    private readonly byte[][] directories;

    /// <summary>Of the directory of each height, from the leaves' parents at 0: its children, the next of them, its end.</summary>
    private readonly int[] counts;
    private readonly int[] next;
    private readonly long[] ends;

    /// <summary>Where the page of each height that is in memory lies, the leaf's at 0; -1 for none. And its header.</summary>
    private readonly long[] loaded;
    private readonly PageHeader[] headers;
    private LeafWalker walker;
    private PageRef leafReference;
    private bool begun;
    private bool leafLoaded;
    private long walked;
    private IndexExtent extent;
    private string? problem;

    /// <param name="image">The image whose index is walked.</param>
    /// <param name="limit">Blocks from here on are left out: a newer image of the lineage was smaller.</param>
    /// <param name="passesDamage">
    /// Whether a damaged page counts as if it spoke of nothing: of a healing image, which only has once more what the image
    /// behind it says of these blocks.
    /// </param>
    public ImageCursor(ImageReader image, long limit, bool passesDamage = false)
    {
        this.image = image;
        this.limit = Math.Min(limit, image.Header.BlockCount);
        this.passesDamage = passesDamage;
        var height = image.Footer.Root is null ? 0 : image.Footer.RootLevel;
        pageStep = height == 0 || image.Footer.Root!.Value.Length <= SmallRoot ? PageStep : ImageFormat.MaxPageSize;
        directories = new byte[height][];
        counts = new int[height];
        next = new int[height];
        ends = new long[height];
        loaded = new long[height + 1];
        headers = new PageHeader[height + 1];
        Array.Fill(loaded, -1);
        Array.Fill(directories, []);
    }

    public override ImageReader Image => image;

    public bool Exhausted { get; private set; }

    public override ref readonly IndexExtent Current => ref extent;

    public override ReadOnlySpan<UInt128> Hashes =>
        LeafPage.Hashes(Body, headers[0].HashCount).Slice(extent.HashIndex, (int)extent.Count);

    public override string? Problem => problem;

    private ReadOnlySpan<byte> Body => leaf.AsSpan(PageHeader.Size, headers[0].BodyLength);

    public override bool MoveTo(long block)
    {
        if (!begun)
        {
            return SeekTo(block);
        }

        while (!Exhausted)
        {
            if (leafLoaded && headers[0].EndBlock > block && walker.TryNext(Body, out extent))
            {
                walked = extent.End;
                if (extent.First >= limit)
                {
                    break;
                }

                if (extent.End > limit)
                {
                    extent = extent with { Count = limit - extent.First };
                }

                if (extent.End > block)
                {
                    problem = null;
                    return true;
                }
            }
            else if (leafLoaded && walker.Malformed)
            {
                leafLoaded = false;
                if (Tell(leafReference, Math.Max(walked, headers[0].FirstBlock), headers[0].EndBlock, block, "its list of extents is malformed"))
                {
                    return true;
                }
            }
            else if (!TryLoadNextLeaf(block, out var isLost))
            {
                break;
            }
            else if (isLost)
            {
                return true;
            }
        }

        Exhausted = true;
        return false;
    }

    /// <summary>As the base says; pages that are in memory are not read again.</summary>
    public override bool SeekTo(long block)
    {
        begun = true;
        leafLoaded = false;
        Exhausted = image.Footer.Root is null;
        return image.Footer.Root is { } root
            && (Load(root, directories.Length, image.Header.BlockCount, block) || MoveTo(block));
    }

    /// <summary>All blocks that the index speaks of, read to its end.</summary>
    /// <exception cref="TidemarkException">A page is damaged.</exception>
    public long CountAll()
    {
        var blocks = 0L;
        while (MoveNext())
        {
            blocks += problem is null ? extent.Count : throw image.Damage(problem);
        }

        return blocks;
    }

    /// <summary>False at the end of the index.</summary>
    /// <param name="isLost">Whether a page can't be used, so that the cursor stands on an extent that is lost.</param>
    private bool TryLoadNextLeaf(long block, out bool isLost)
    {
        leafLoaded = isLost = false;
        for (var height = 0; height < directories.Length; height++)
        {
            while (next[height] < counts[height])
            {
                var i = next[height]++;
                var end = EndOf(height, i);
                if (next[height] < counts[height] && end <= block)
                {
                    continue;
                }

                PageCheck.Announce(image, directories[height], i, counts[height]);
                isLost = Load(PageCheck.Child(image, directories[height], i), height, end, block);
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the blocks of a directory's child end at most.</summary>
    private long EndOf(int height, int index) => index + 1 < counts[height]
        ? PageCheck.Child(image, directories[height], index + 1).FirstBlock
        : ends[height];

    /// <summary>The last child of a directory page that begins at the block or before, else the first.</summary>
    private int ChildOf(int height, long block)
    {
        int low = 0, high = counts[height];
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = PageCheck.Child(image, directories[height], middle).FirstBlock <= block ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>
    /// Loads a page of the given height and below it, down to a leaf, those that lead to the block. True if one of them can't
    /// be used and the cursor stands on the blocks that are lost by that.
    /// </summary>
    private bool Load(PageRef reference, int height, long end, long block)
    {
        while (true)
        {
            // A forged directory may name one page twice, for other blocks each.
            if (loaded[height] != reference.Offset || headers[height].FirstBlock != reference.FirstBlock)
            {
                loaded[height] = -1;
                ref var page = ref height == 0 ? ref leaf : ref directories[height - 1];
                if (page.Length < reference.Length)
                {
                    page = new byte[(reference.Length + pageStep - 1) / pageStep * pageStep];
                }

                if (PageCheck.TryRead(image, reference, height, end, page, out headers[height])
                    is { } wrong)
                {
                    // What is in memory below isn't of this way down.
                    Array.Clear(counts, 0, height);
                    Array.Clear(next, 0, height);
                    return Tell(reference, reference.FirstBlock, end, block, wrong);
                }

                loaded[height] = reference.Offset;
            }

            if (height == 0)
            {
                break;
            }

            height--;
            counts[height] = headers[height + 1].Entries;
            ends[height] = end;
            var child = ChildOf(height, block);
            next[height] = child + 1;
            end = EndOf(height, child);
            PageCheck.Announce(image, directories[height], child, counts[height]);
            reference = PageCheck.Child(image, directories[height], child);
        }

        var header = headers[0];
        Debug.Assert(header.BodyLength <= PageHeader.MaxBody);
        leafReference = reference;
        walker = new LeafWalker(header, header.BodyLength - (header.HashCount * ImageFormat.DigestSize), image.PayloadLength);
        walked = 0;
        leafLoaded = true;
        return false;
    }

    /// <summary>Stands on the blocks that a page may have spoken of; false if none of them is asked for.</summary>
    private bool Tell(in PageRef page, long first, long end, long block, string wrong)
    {
        end = Math.Min(end, limit);
        if (passesDamage || end <= block || end <= first)
        {
            return false;
        }

        extent = new IndexExtent(first, end - first, BlockState.Lost);
        problem = PageCheck.Describe(page, wrong);
        return true;
    }
}
