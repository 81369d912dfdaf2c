namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// Runs of blocks that are used whatever a bitmap says, sorted: bitmaps and inode tables, which flex_bg lets lie in any group.
/// </summary>
internal sealed class ExtMetadata
{
    /// <summary>
    /// Runs at most, 16 MiB. With flex_bg sixteen groups have three as a rule, without it a group has one: that many groups of
    /// the smallest blocks are 8 TiB.
    /// </summary>
    private const int MaxRuns = 1 << 20;

    private readonly List<Run> runs = [];

    // Those that the next group's structures may continue, one a kind.
    private readonly Dictionary<int, int> open = [];

    /// <param name="kind">What it is one of: a run of the same kind is continued, whatever came between.</param>
    /// <exception cref="AllocationException">There are more than a volume has that somebody made in earnest.</exception>
    public void Add(int kind, long start, long count)
    {
        if (open.TryGetValue(kind, out var index) && TryContinue(index, start, count))
        {
            return;
        }

        if (runs.Count > 0 && TryContinue(runs.Count - 1, start, count))
        {
            open[kind] = runs.Count - 1;
            return;
        }

        if (runs.Count == MaxRuns)
        {
            throw new AllocationException($"its metadata lies in more than {MaxRuns} places");
        }

        runs.Add(new Run(start, start + count));
        open[kind] = runs.Count - 1;
    }

    /// <summary>Sorts the runs. None is added any more.</summary>
    /// <exception cref="AllocationException">Two of them overlap.</exception>
    public void Seal()
    {
        runs.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        for (var i = 1; i < runs.Count; i++)
        {
            if (runs[i].Start < runs[i - 1].End)
            {
                throw new AllocationException($"two of its bitmaps or inode tables claim block {runs[i].Start}");
            }
        }
    }

    /// <summary>The parts of runs in a range of blocks, in order.</summary>
    public IEnumerable<(long Start, long End)> Within(long start, long end)
    {
        for (var i = FirstBehind(start); i < runs.Count && runs[i].Start < end; i++)
        {
            yield return (Math.Max(runs[i].Start, start), Math.Min(runs[i].End, end));
        }
    }

    public bool Contains(long block) => FirstBehind(block) is var i && i < runs.Count && runs[i].Start <= block;

    private bool TryContinue(int index, long start, long count)
    {
        if (runs[index].End != start)
        {
            return false;
        }

        runs[index] = runs[index] with { End = start + count };
        return true;
    }

    /// <summary>The first run that ends behind a block.</summary>
    private int FirstBehind(long block)
    {
        var (low, high) = (0, runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = runs[middle].End <= block ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private readonly record struct Run(long Start, long End);
}
