using System.Diagnostics;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// One bound for all that is kept of a chain for later reads, decoded frames and tables of its index alike. At the bound the
/// longest unused goes first, where what costs more to bring back counts as used that much later (GreedyDual-Size, in Cao and
/// Irani, "Cost-Aware WWW Proxy Caching Algorithms", 1997). For any number of threads; items are changed under its lock.
/// </summary>
/// <param name="capacity">Bytes to keep, beside what is in use.</param>
/// <param name="blockSize">Bytes of a block of the chain.</param>
internal sealed class CacheBudget(long capacity, int blockSize)
{
    /// <summary>Bytes of buffers that nobody has now which are kept: what an item that goes leaves to the next few.</summary>
    private const int SpareBytes = 1 << 20;

    private readonly Stack<byte[]> spare = new();
    private readonly LinkedList<CachedItem> frames = new();
    private readonly LinkedList<CachedItem> tables = new();
    private long bytes;
    private long clock;

    /// <summary>Guards the items, their order and what their owners find them by.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Bytes of all that is kept.</summary>
    public long Bytes
    {
        get
        {
            lock (Gate)
            {
                return bytes;
            }
        }
    }

    /// <summary>
    /// Bytes of the buffers that items pass on to each other, which hold an ordinary frame: if each were left to the collector, it
    /// would hold as much again until its next run.
    /// </summary>
    public int BufferSize { get; } = Math.Max(ImageFormat.DefaultFrameBytes, blockSize);

    /// <summary>A buffer of <see cref="BufferSize"/>, with anything in it.</summary>
    public byte[] TakeBuffer()
    {
        lock (Gate)
        {
            if (spare.TryPop(out var old))
            {
                return old;
            }
        }

        return GC.AllocateUninitializedArray<byte>(BufferSize);
    }

    /// <summary>Takes back the buffer of an item that is gone, if it is such a one. Nobody reads it any more.</summary>
    public void GiveBuffer(byte[]? buffer)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        if (buffer is not null && buffer.Length == BufferSize && (spare.Count + 1L) * BufferSize <= SpareBytes)
        {
            spare.Push(buffer);
        }
    }

    /// <summary>Takes an item in, as just used.</summary>
    public void Add(CachedItem item)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread && item.Node.List is null);
        item.Due = clock + item.Worth;
        ListOf(item).AddFirst(item.Node);
        bytes += item.Bytes;
        Shrink();
    }

    /// <summary>Makes an item the one that was used last.</summary>
    public void Use(CachedItem item)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread && item.Node.List is not null);
        var list = ListOf(item);
        item.Due = clock + item.Worth;
        if (list.First != item.Node)
        {
            list.Remove(item.Node);
            list.AddFirst(item.Node);
        }
    }

    /// <summary>Makes an item the next to go: whoever reads on has no more use for it.</summary>
    public void Spend(CachedItem item)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread && item.Node.List is not null);
        var list = ListOf(item);
        item.Due = 0;
        list.Remove(item.Node);
        list.AddLast(item.Node);
    }

    /// <summary>Says how large an item is now; one that was removed meanwhile isn't counted any more.</summary>
    public void Resize(CachedItem item, long size)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        if (item.Node.List is not null)
        {
            bytes += size - item.Bytes;
        }

        item.Bytes = size;
        Shrink();
    }

    /// <summary>Takes an item out; its owner forgets it.</summary>
    public void Remove(CachedItem item)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread && item.Node.List is not null);
        ListOf(item).Remove(item.Node);
        bytes -= item.Bytes;
    }

    /// <summary>Lets go of what is due until the bound holds, or all that is left is in use.</summary>
    public void Shrink()
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        while (bytes > capacity && Next() is { } item)
        {
            clock = Math.Max(clock, item.Due);
            Remove(item);
            item.Evict();
        }
    }

    private LinkedList<CachedItem> ListOf(CachedItem item) => item.IsTable ? tables : frames;

    private CachedItem? Next()
    {
        var frame = frames.Last;
        while (frame is not null && frame.Value.IsInUse)
        {
            frame = frame.Previous;
        }

        // One table stays whatever the bound: with none, each read would make it anew.
        var table = tables.Count > 1 ? tables.Last : null;
        return table is not null && (frame is null || table.Value.Due < frame.Value.Due) ? table.Value : frame?.Value;
    }
}
