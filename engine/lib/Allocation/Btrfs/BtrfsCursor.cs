using System.Globalization;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// A walk over the items of one tree in the order of their keys. One block of each level is kept.
/// </summary>
/// <remarks>
/// Keys ascend over the whole walk and levels descend, so that no block is met twice: hostile links can't make it endless.
/// </remarks>
internal sealed class BtrfsCursor
{
    private readonly BtrfsChunkTable chunks;
    private readonly BtrfsRoot root;
    private readonly BtrfsTreeBlock[] path;

    public BtrfsCursor(BtrfsChunkTable chunks, BtrfsGeometry geometry, BtrfsRoot root)
    {
        this.chunks = chunks;
        this.root = root;
        path = new BtrfsTreeBlock[root.Level + 1];
        for (var i = 0; i < path.Length; i++)
        {
            path[i] = new(geometry);
        }
    }

    /// <summary>Whether there is no item any more.</summary>
    public bool IsAtEnd { get; private set; }

    public BtrfsKey Key => path[0].Key;

    public ReadOnlySpan<byte> Item => path[0].Item;

    /// <summary>Goes to the first item whose key isn't less.</summary>
    public void Seek(BtrfsKey key)
    {
        IsAtEnd = false;
        Load(root.Level, root, null, null);
        for (var level = root.Level; level > 0; level--)
        {
            var block = path[level];
            block.Index = Math.Max(0, FirstFrom(block, key, mayBeEqual: false) - 1);
            LoadChild(level);
        }

        path[0].Index = FirstFrom(path[0], key, mayBeEqual: true);
        if (path[0].Index == path[0].Count)
        {
            IsAtEnd = !TryNextBlock(0);
        }
    }

    public void MoveNext()
    {
        path[0].Index++;
        if (path[0].Index == path[0].Count)
        {
            IsAtEnd = !TryNextBlock(0);
        }
    }

    /// <summary>An exception that says what is wrong with the tree.</summary>
    public AllocationException Wrong(string what) => Wrong(root.Owner, what);

    private static AllocationException Wrong(ulong owner, string what)
    {
        var name = owner switch
        {
            1 => "tree of trees",
            2 => "extent tree",
            3 => "chunk tree",
            4 => "device tree",
            11 => "block group tree",
            _ => string.Create(CultureInfo.InvariantCulture, $"tree {owner}"),
        };
        return new($"its {name} can't be trusted: {what}");
    }

    // The first whose key is greater, or not less.
    private static int FirstFrom(BtrfsTreeBlock block, BtrfsKey key, bool mayBeEqual)
    {
        var (low, high) = (0, block.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var isBefore = mayBeEqual ? block.KeyAt(middle) < key : block.KeyAt(middle) <= key;
            (low, high) = isBefore ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private bool TryNextBlock(int level)
    {
        if (level == root.Level)
        {
            return false;
        }

        var parent = path[level + 1];
        parent.Index++;
        if (parent.Index == parent.Count && !TryNextBlock(level + 1))
        {
            return false;
        }

        var last = path[level].KeyAt(path[level].Count - 1);
        LoadChild(level + 1);
        return path[level].KeyAt(0) > last ? true : throw Wrong("its blocks overlap");
    }

    private void LoadChild(int level)
    {
        var parent = path[level];
        Load(level - 1, parent.Child(root.Owner), parent.Key, parent.Index + 1 < parent.Count ? parent.KeyAt(parent.Index + 1) : null);
    }

    private void Load(int level, BtrfsRoot expected, BtrfsKey? first, BtrfsKey? end)
    {
        var block = path[level];
        if (chunks.TryRead(expected, block, mayBeEmpty: level == root.Level) is { } problem)
        {
            throw Wrong(root.Owner, $"a block of it isn't what it should be: {problem}");
        }

        if ((first is { } key && block.KeyAt(0) != key) || (end is { } bound && block.KeyAt(block.Count - 1) >= bound))
        {
            throw Wrong("a block of it holds other items than its parent says");
        }
    }
}
