namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// A walk over the free extents of one allocation group in the order of its blocks, by its tree by block number. One block
/// of each level is kept.
/// </summary>
/// <remarks>
/// Keys ascend over the whole walk and levels descend, so that no block is met twice: hostile links can't make it longer than the
/// group has blocks.
/// </remarks>
internal sealed class XfsFreeTree
{
    private readonly AllocationSource volume;
    private readonly XfsGeometry geometry;
    private readonly ulong logHead;
    private readonly XfsTreeBlock?[] path = new XfsTreeBlock?[XfsAgf.MaxLevels];

    private XfsAgf agf = null!;
    private uint[] list = [];
    private int nextInList;
    private uint walkedTo;
    private uint counted;
    private uint longest;
    private bool fromStart;

    public XfsFreeTree(AllocationSource volume, XfsGeometry geometry, ulong logHead)
    {
        this.volume = volume;
        this.geometry = geometry;
        this.logHead = logHead;
    }

    /// <summary>The sum of <see cref="XfsCountTree.Fingerprint"/> over the extents of the walk.</summary>
    public ulong Sum { get; private set; }

    /// <summary>Starts at the first extent of a group that ends behind a block.</summary>
    /// <param name="header">The group's header.</param>
    /// <param name="freeList">The blocks of its free list, ascending.</param>
    /// <param name="block">With 0 the totals are checked where the walk ends.</param>
    public void Open(XfsAgf header, uint[] freeList, uint block)
    {
        agf = header;
        list = freeList;
        nextInList = 0;
        Sum = 0;
        counted = longest = 0;
        walkedTo = geometry.FirstFreeable;
        fromStart = block == 0;
        for (var level = agf.Levels - 1; level >= 0; level--)
        {
            var at = Load(level, level == agf.Levels - 1 ? agf.Root : path[level + 1]!.Child(path[level + 1]!.Index));
            // The last child that begins at the block or before: the extent that covers it may have begun there.
            while (level > 0 && at.Index + 1 < at.Count && at.Start(at.Index + 1) <= block)
            {
                at.Index++;
            }

            if (fromStart && at.Left != XfsTreeBlock.None)
            {
                throw Wrong("its first block has one before it");
            }
        }

        while (!fromStart && path[0]!.Index < path[0]!.Count && EndOf(path[0]!) <= block)
        {
            path[0]!.Index++;
        }
    }

    /// <summary>The next free extent, in blocks of the group; false at the end.</summary>
    public bool TryNext(out uint start, out uint length)
    {
        start = length = 0;
        if (path[0]!.Index == path[0]!.Count && !TryNextBlock(0))
        {
            CheckTotals();
            return false;
        }

        var leaf = path[0]!;
        start = leaf.Start(leaf.Index);
        length = leaf.Length(leaf.Index);
        leaf.Index++;
        Check(start, length);
        return true;
    }

    // Goes on to the block right of a level's, and so down from the first level that has one.
    private bool TryNextBlock(int level)
    {
        var block = path[level]!;
        if (level == agf.Levels - 1)
        {
            return block.Right == XfsTreeBlock.None ? false : throw Wrong("its root has a neighbour");
        }

        var parent = path[level + 1]!;
        parent.Index++;
        if (parent.Index == parent.Count && !TryNextBlock(level + 1))
        {
            // Told once more at the next question.
            parent.Index = parent.Count - 1;
            return block.Right == XfsTreeBlock.None ? false : throw Wrong("its last block has one behind it");
        }

        var (left, right) = (block.Block, block.Right);
        var next = parent.Child(parent.Index);
        if (Load(level, next).Left != left || right != next)
        {
            throw Wrong("its blocks disagree on their neighbours");
        }

        return true;
    }

    private XfsTreeBlock Load(int level, uint number)
    {
        var block = path[level] ??= new XfsTreeBlock(volume, geometry);
        var isRoot = level == agf.Levels - 1;
        block.Read(agf.Group, agf.Length, number, level, mayBeEmpty: isRoot && level == 0, logHead);
        if (!isRoot && block.Start(0) != path[level + 1]!.Start(path[level + 1]!.Index))
        {
            throw Wrong("a block of it begins elsewhere than its parent says");
        }

        // Extents of a leaf are looked at one by one.
        for (var i = 1; level > 0 && i < block.Count; i++)
        {
            if (block.Start(i) <= block.Start(i - 1))
            {
                throw Wrong("its keys don't ascend");
            }
        }

        return block;
    }

    private void Check(uint start, uint length)
    {
        if (length == 0 || start < walkedTo || length > agf.Length - (long)start)
        {
            throw Wrong("its extents overlap, or leave the group");
        }

        var end = start + length;
        walkedTo = end;
        counted += length;
        Sum += XfsCountTree.Fingerprint(start, length);
        longest = Math.Max(longest, length);
        while (nextInList < list.Length && list[nextInList] < start)
        {
            nextInList++;
        }

        if (nextInList < list.Length && list[nextInList] < end)
        {
            throw Wrong("it calls a block of the free list free");
        }

        if (agf.Group == geometry.LogGroup && start < geometry.LogGroupBlock + geometry.LogBlocks && end > geometry.LogGroupBlock)
        {
            throw Wrong("it calls blocks of the log free");
        }
    }

    private void CheckTotals()
    {
        if (fromStart && (counted != agf.FreeBlocks || longest != agf.Longest))
        {
            throw Wrong("its totals aren't those of the header");
        }
    }

    private static long EndOf(XfsTreeBlock leaf) => (long)leaf.Start(leaf.Index) + leaf.Length(leaf.Index);

    private AllocationException Wrong(string what) => XfsMetadata.Wrong(XfsTreeBlock.Name, agf.Group, what);
}
