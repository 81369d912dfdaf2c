using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// What a restore leaves as it is: free blocks, but for places where somebody looks for what a target was before. There they are
/// zeros, or a signature of old would show through.
/// </summary>
internal sealed class KeptFree
{
    private readonly (long First, long End)[] zeroed;

    /// <param name="zeroed">Ranges of blocks in which free blocks become zeros, in order and apart.</param>
    public KeptFree(IReadOnlyList<(long First, long End)> zeroed)
    {
        Invariant.Holds(zeroed.Zip(zeroed.Skip(1)).All(pair => pair.First.End < pair.Second.First));
        this.zeroed = [.. zeroed];
    }

    /// <summary>Up to where blocks from a position on are alike for <see cref="Take"/>; at most the limit.</summary>
    public static long Limit(KeptFree? kept, long position, long limit)
    {
        if (kept is null)
        {
            return limit;
        }

        var at = kept.Behind(position);
        return at == kept.zeroed.Length
            ? limit
            : Math.Min(limit, kept.zeroed[at].First > position ? kept.zeroed[at].First : kept.zeroed[at].End);
    }

    /// <summary>Whether the extent, which lies before <see cref="Limit"/>, is left as it is.</summary>
    public static bool Leaves(KeptFree? kept, in MergedExtent extent)
    {
        if (kept is null || extent.State != BlockState.Free)
        {
            return false;
        }

        var at = kept.Behind(extent.First);
        return at == kept.zeroed.Length || kept.zeroed[at].First >= extent.End;
    }

    /// <summary>The first range that ends behind a position.</summary>
    private int Behind(long position)
    {
        var (low, high) = (0, zeroed.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = zeroed[middle].End > position ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
