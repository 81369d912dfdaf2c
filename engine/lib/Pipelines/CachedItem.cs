namespace Tidemark.Engine.Pipelines;

/// <summary>Something that a <see cref="CacheBudget"/> counts, under the budget's lock.</summary>
internal abstract class CachedItem
{
    protected CachedItem(bool isTable, int worth, long bytes)
    {
        IsTable = isTable;
        Worth = worth;
        Bytes = bytes;
        Node = new LinkedListNode<CachedItem>(this);
    }

    /// <summary>A table of the index; else a frame.</summary>
    public bool IsTable { get; }

    /// <summary>What bringing it back costs beside a frame of the same size, which costs 1.</summary>
    public int Worth { get; }

    /// <summary>Its place in the order of use; in no list once it was let go of.</summary>
    public LinkedListNode<CachedItem> Node { get; }

    /// <summary>When its turn to go comes, on the budget's clock; what is used now goes no sooner than what was used before.</summary>
    public long Due { get; set; }

    /// <summary>Memory it takes, near enough to keep a bound; the budget sets it.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether it can't go now.</summary>
    public virtual bool IsInUse => false;

    /// <summary>It was let go of: its owner forgets it.</summary>
    public abstract void Evict();
}
