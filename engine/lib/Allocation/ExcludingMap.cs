using System.Diagnostics;

namespace Tidemark.Engine.Allocation;

/// <summary>A map from which the content of some files is taken: it is excluded instead of used.</summary>
internal sealed class ExcludingMap : AllocationMap
{
    private readonly AllocationMap map;
    private readonly List<ContentExtent> excluded;

    /// <param name="map">Becomes this one's, where nothing is thrown.</param>
    /// <param name="contents">Where the content lies, in any order; becomes this one's too.</param>
    /// <exception cref="AllocationException">A part of it is free or outside by the map, or there twice: then neither is to be believed.</exception>
    public ExcludingMap(AllocationMap map, List<ContentExtent> contents)
    {
        this.map = map;
        contents.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        excluded = Join(contents);
        foreach (var content in excluded)
        {
            CheckUsed(content);
        }

        ExcludedBytes = map.ExcludedBytes + excluded.Sum(content => content.Length);
        UsedBytes = map.UsedBytes - excluded.Sum(content => content.Length);
    }

    public override string FileSystem => map.FileSystem;

    public override long Length => map.Length;

    public override long UsedBytes { get; }

    public override long ExcludedBytes { get; }

    protected override AllocationExtent Find(long offset)
    {
        var extent = map.ExtentAt(offset);
        if (extent.State != AllocationState.Used || NextAt(offset) is not { } next || next.Offset >= extent.End)
        {
            return extent;
        }

        return next.Offset > offset
            ? extent with { Length = next.Offset - offset }
            : new AllocationExtent(offset, Math.Min(next.End, extent.End) - offset, AllocationState.Excluded);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            map.Dispose();
        }

        base.Dispose(disposing);
    }

    // Neighbours become one.
    private static List<ContentExtent> Join(List<ContentExtent> sorted)
    {
        var joined = new List<ContentExtent>();
        foreach (var content in sorted)
        {
            Debug.Assert(content.Offset >= 0 && content.Length > 0);
            if (joined.Count == 0 || joined[^1].End < content.Offset)
            {
                joined.Add(content);
            }
            else if (joined[^1].End == content.Offset)
            {
                joined[^1] = joined[^1] with { Length = joined[^1].Length + content.Length };
            }
            else
            {
                throw new AllocationException($"two files claim byte {content.Offset}");
            }
        }

        return joined;
    }

    private void CheckUsed(ContentExtent content)
    {
        for (var at = content.Offset; at < content.End;)
        {
            var extent = at < map.Length ? map.ExtentAt(at) : default;
            if (extent.Length == 0 || extent.State == AllocationState.Free)
            {
                throw new AllocationException($"a file has byte {at}, which its map calls free or doesn't know");
            }

            if (extent.State == AllocationState.Excluded)
            {
                throw new AllocationException($"two files claim byte {at}");
            }

            at = extent.End;
        }
    }

    // The first one that ends behind an offset.
    private ContentExtent? NextAt(long offset)
    {
        int low = 0, high = excluded.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = excluded[middle].End <= offset ? (middle + 1, high) : (low, middle);
        }

        return low < excluded.Count ? excluded[low] : null;
    }
}
