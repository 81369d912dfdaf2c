using System.Diagnostics;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Serving;

/// <summary>
/// The merged index of a point in time for reading at random: flat tables of its regions, made when they are asked for and
/// kept up to a bound, so that opening takes no time and the largest volume a bounded memory. For any number of threads.
/// </summary>
internal sealed class PointIndex
{
    /// <summary>
    /// Blocks of a region, 32 MiB of a volume in 4 KiB blocks. Going there costs a page and half of its runs for each image of
    /// the chain, 2 to 3 ms with 250 images, so it has to pay for many reads; a region of data takes 130 to 500 KiB.
    /// </summary>
    public const int RegionBlocks = 8192;

    private readonly MergeCursor chain;
    private readonly long capacity;
    private readonly Lock gate = new();
    private readonly Lock building = new();
    private readonly Dictionary<long, LinkedListNode<(long Number, RegionTable Table)>> regions = [];
    private readonly LinkedList<(long Number, RegionTable Table)> used = new();
    private readonly List<RegionExtent> extents = new(1024);
    private readonly List<UInt128> hashes = new(RegionBlocks);
    private long bytes;

    /// <param name="lineage">The point in time.</param>
    /// <param name="capacity">Bytes of tables to keep; one at least.</param>
    public PointIndex(Lineage lineage, long capacity)
    {
        chain = MergeCursor.WithLosses(lineage);
        this.capacity = capacity;
    }

    public long BlockCount => chain.BlockCount;

    /// <summary>Bytes of the tables that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return bytes;
            }
        }
    }

    /// <summary>
    /// The table of the region that a block lies in. Blocks that no index tells, or whose index page is damaged, are lost in
    /// it.
    /// </summary>
    public RegionTable At(long block)
    {
        Debug.Assert(block >= 0 && block < BlockCount);
        var number = block / RegionBlocks;
        if (Find(number) is { } table)
        {
            return table;
        }

        lock (building)
        {
            if (Find(number) is { } made)
            {
                return made;
            }

            var first = number * RegionBlocks;
            var whole = RegionTable.Build(chain, first, Math.Min(first + RegionBlocks, BlockCount), extents, hashes);
            Keep(number, whole);
            return whole;
        }
    }

    /// <summary>Forgets the table of a region, so that a page that couldn't be read once is tried again.</summary>
    public void Forget(long block)
    {
        lock (gate)
        {
            if (regions.Remove(block / RegionBlocks, out var node))
            {
                used.Remove(node);
                bytes -= node.Value.Table.Bytes;
            }
        }
    }

    private RegionTable? Find(long number)
    {
        lock (gate)
        {
            if (!regions.TryGetValue(number, out var node))
            {
                return null;
            }

            if (used.First != node)
            {
                used.Remove(node);
                used.AddFirst(node);
            }

            return node.Value.Table;
        }
    }

    private void Keep(long number, RegionTable table)
    {
        lock (gate)
        {
            regions.Add(number, used.AddFirst((number, table)));
            bytes += table.Bytes;
            while (bytes > capacity && used.Count > 1)
            {
                var oldest = used.Last!;
                used.RemoveLast();
                regions.Remove(oldest.Value.Number);
                bytes -= oldest.Value.Table.Bytes;
            }
        }
    }
}
