using System.Diagnostics;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Serving;

/// <summary>
/// The merged index of a point in time for reading at random: flat tables of its regions, made when they are asked for and
/// kept up to a bound, so that opening takes no time and the largest volume a bounded memory. For any number of threads.
/// </summary>
internal sealed class PointIndex
{
    /// <summary>
    /// Blocks of a region, 32 MiB of a volume in 4 KiB blocks. Going there costs a page and half of its extents for each image of
    /// the chain, 2 to 3 ms with 250 images, so it has to pay for many reads; a region of data takes 130 to 500 KiB.
    /// </summary>
    public const int RegionBlocks = 8192;

    /// <summary>
    /// Images whose pages take as long to read for a table as one frame takes to decode: 10 us and 100 us, and a table is somewhat
    /// larger.
    /// </summary>
    private const int ImagesPerFrame = 12;

    private readonly MergeCursor chain;
    private readonly CacheBudget budget;
    private readonly int worth;
    private readonly Lock building = new();
    private readonly Dictionary<long, RegionTable> regions = [];
    private readonly List<RegionExtent> extents = new(1024);
    private readonly List<UInt128> hashes = new(RegionBlocks);
    private readonly List<RegionExtent[]> spare = [];

    /// <param name="lineage">The point in time.</param>
    /// <param name="budget">Bounds the tables that are kept.</param>
    public PointIndex(Lineage lineage, CacheBudget budget)
    {
        chain = MergeCursor.WithLosses(lineage);
        this.budget = budget;
        worth = 1 + (lineage.Count / ImagesPerFrame);
    }

    public long BlockCount => chain.BlockCount;

    /// <summary>
    /// The table of the region that a block lies in; <see cref="Return"/> it. Blocks that no index tells, or whose index page is
    /// damaged, are lost in it.
    /// </summary>
    public RegionTable Borrow(long block)
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
            var whole = RegionTable.Build(
                this, chain, first, Math.Min(first + RegionBlocks, BlockCount), extents, hashes, worth, budget);
            lock (budget.Gate)
            {
                whole.Borrowers++;
                regions.Add(number, whole);
                budget.Add(whole);
            }

            return whole;
        }
    }

    public void Return(RegionTable table)
    {
        lock (budget.Gate)
        {
            table.Borrowers--;
            if (table.Borrowers == 0 && table.Node.List is null)
            {
                Recycle(table);
            }
        }
    }

    /// <summary>An array for so many extents: that of a table that went, if one fits.</summary>
    public RegionExtent[] TakeExtents(int count)
    {
        // Few tables go between two that come.
        const int Step = 256;
        lock (budget.Gate)
        {
            for (var i = 0; i < spare.Count; i++)
            {
                var array = spare[i];
                if (array.Length >= count && array.Length <= (2 * count) + Step)
                {
                    spare.RemoveAt(i);
                    return array;
                }
            }
        }

        return new RegionExtent[(count + Step - 1) / Step * Step];
    }

    /// <summary>Forgets the table of a region, so that a page that couldn't be read once is tried again.</summary>
    public void Forget(long block)
    {
        lock (budget.Gate)
        {
            if (regions.TryGetValue(block / RegionBlocks, out var table))
            {
                budget.Remove(table);
                Release(table);
            }
        }
    }

    /// <summary>The budget let go of a table.</summary>
    public void Release(RegionTable table)
    {
        Debug.Assert(budget.Gate.IsHeldByCurrentThread);
        regions.Remove(table.First / RegionBlocks);
        if (table.Borrowers == 0)
        {
            Recycle(table);
        }
    }

    private void Recycle(RegionTable table)
    {
        const int MostSpare = 4;
        budget.GiveBuffer(table.Buffer);
        if (spare.Count == MostSpare)
        {
            spare.RemoveAt(0);
        }

        spare.Add(table.Extents);
    }

    private RegionTable? Find(long number)
    {
        lock (budget.Gate)
        {
            if (!regions.TryGetValue(number, out var table))
            {
                return null;
            }

            table.Borrowers++;
            budget.Use(table);
            return table;
        }
    }
}
