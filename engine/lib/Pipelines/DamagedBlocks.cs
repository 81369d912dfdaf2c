namespace Tidemark.Engine.Pipelines;

/// <summary>The blocks of one image that can't be brought back, as far as a verification looked; bounded.</summary>
/// <param name="mayGrow">
/// Whether too many ranges grow together over what lies between, so that none is left out; else those beyond the bound are.
/// </param>
internal sealed class DamagedBlocks(bool mayGrow = true)
{
    /// <summary>
    /// Ranges kept apart at most, 1 MiB of memory. Past that the last one grows over what lies between, so that a point
    /// in time may be called broken that isn't, and never the other way round.
    /// </summary>
    public const int MaxRanges = 65536;

    private readonly List<(long First, long End)> ranges = [];
    private bool sorted = true;

    /// <summary>
    /// Whether the index itself is damaged or incomplete: then what depends on it has to be merged to see whether it can be.
    /// </summary>
    public bool InIndex { get; set; }

    /// <summary>Nothing can be said of the content, so nothing that depends on it counts as whole.</summary>
    public bool Unknown { get; set; }

    public bool IsEmpty => ranges.Count == 0 && !InIndex && !Unknown;

    /// <summary>Ranges of blocks by first block; they don't overlap.</summary>
    public IReadOnlyList<(long First, long End)> Ranges
    {
        get
        {
            Sort();
            return ranges;
        }
    }

    public void Add(long first, long end)
    {
        if (first >= end)
        {
            return;
        }

        if (ranges.Count > 0 && first <= ranges[^1].End && first >= ranges[^1].First)
        {
            ranges[^1] = (ranges[^1].First, Math.Max(ranges[^1].End, end));
            return;
        }

        if (ranges.Count >= MaxRanges)
        {
            Sort();
            if (ranges.Count >= MaxRanges && !mayGrow)
            {
                return;
            }

            if (ranges.Count >= MaxRanges)
            {
                ranges[^1] = (Math.Min(ranges[^1].First, first), Math.Max(ranges[^1].End, end));
                sorted = false;
                return;
            }
        }

        sorted &= ranges.Count == 0 || first > ranges[^1].End;
        ranges.Add((first, end));
    }

    /// <summary>Tells the damaged blocks of a range, in order.</summary>
    public void Intersect(long first, long end, Action<long, long> tell)
    {
        for (var i = FirstEndingAfter(first); i < ranges.Count && ranges[i].First < end; i++)
        {
            tell(Math.Max(first, ranges[i].First), Math.Min(end, ranges[i].End));
        }
    }

    /// <summary>Whether all blocks of a range are damaged.</summary>
    public bool Holds(long first, long end)
    {
        var i = FirstEndingAfter(first);
        return i < ranges.Count && ranges[i].First <= first && ranges[i].End >= end;
    }

    private int FirstEndingAfter(long block)
    {
        Sort();
        var low = 0;
        var high = ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].End <= block)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Sort()
    {
        if (sorted)
        {
            return;
        }

        ranges.Sort();
        var kept = 0;
        for (var i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].First <= ranges[kept].End)
            {
                ranges[kept] = (ranges[kept].First, Math.Max(ranges[kept].End, ranges[i].End));
            }
            else
            {
                ranges[++kept] = ranges[i];
            }
        }

        ranges.RemoveRange(kept + 1, ranges.Count - kept - 1);
        sorted = true;
    }
}
