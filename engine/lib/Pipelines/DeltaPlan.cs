using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Cuts the blocks in which a target differs from an image into windows to be filled and ranges of zeros. Blocks are
/// added in order; what was added is planned once, and then more may be added.
/// </summary>
internal sealed class DeltaPlan : IWindowSource
{
    private readonly MergeCursor chain;
    private readonly int windowBlocks;
    private readonly LostBlocks? lost;
    private readonly List<(long First, long End)> ranges;
    private int next;
    private long end;

    /// <param name="chain">The lineage's merged index, at its beginning.</param>
    /// <param name="windowBlocks">Blocks of a window at most.</param>
    /// <param name="expectedRanges">Ranges there is room for from the beginning.</param>
    /// <param name="lost">Takes what no image tells; null to refuse it.</param>
    public DeltaPlan(MergeCursor chain, int windowBlocks, int expectedRanges, LostBlocks? lost = null)
    {
        this.lost = lost;
        this.chain = chain;
        this.windowBlocks = windowBlocks;
        ranges = new List<(long, long)>(expectedRanges);
    }

    /// <summary>Ranges added and not yet planned.</summary>
    public int Ranges => ranges.Count;

    /// <summary>Blocks added so far, planned ones included.</summary>
    public long Blocks { get; private set; }

    public void Add(long first, long stop)
    {
        Debug.Assert(next == 0 && first < stop && first >= chain.Position);
        Blocks += stop - first;
        if (ranges.Count > 0 && ranges[^1].End == first)
        {
            ranges[^1] = (ranges[^1].First, stop);
            return;
        }

        Debug.Assert(ranges.Count == 0 || ranges[^1].End < first);
        ranges.Add((first, stop));
    }

    public bool TryNext(WindowPlan window, out EmptyBlocks empty)
    {
        empty = default;
        if (chain.Position >= end)
        {
            if (next == ranges.Count)
            {
                ranges.Clear();
                next = 0;
                return false;
            }

            (var first, end) = ranges[next++];
            chain.SkipTo(first);
        }

        window.Begin(chain.Position);
        while (window.Blocks < windowBlocks
            && chain.Read(Math.Min(end, chain.Position + windowBlocks - window.Blocks), out var extent))
        {
            extent = LostBlocks.Take(lost, extent);
            if (extent.State.ReadsAsZeros() && window.Blocks == 0)
            {
                empty = new EmptyBlocks(extent.First, extent.Count, Kept: false);
                return true;
            }

            window.Add(extent, extent.State.IsStored() ? chain.Hashes : []);
        }

        return true;
    }
}
