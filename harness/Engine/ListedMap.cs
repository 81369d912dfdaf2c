using Tidemark.Engine.Allocation;

namespace Tidemark.Harness.Engine;

/// <summary>A map that was drawn, or written down: any extents, now and then two of a kind in a row, which a map may tell.</summary>
internal sealed class ListedMap : AllocationMap
{
    private readonly IReadOnlyList<AllocationExtent> extents;

    /// <param name="extents">In order, without a gap.</param>
    public ListedMap(IReadOnlyList<AllocationExtent> extents) => this.extents = extents;

    /// <summary>A question at or behind this place finds that the records have changed.</summary>
    public long FailsFrom { get; init; } = long.MaxValue;

    public override string FileSystem => "drawn";

    public override long Length => extents.Count == 0 ? 0 : extents[^1].End;

    public override long UsedBytes => extents.Where(e => e.State == AllocationState.Used).Sum(e => e.Length);

    public static ListedMap Draw(Random random, long length, int unit)
    {
        var extents = new List<AllocationExtent>();
        for (long at = 0; at < length;)
        {
            var size = Math.Min(length - at, random.NextInt64(1, random.Next(3) == 0 ? 200 : 12) * unit);
            extents.Add(new AllocationExtent(at, size, (AllocationState)random.Next(random.Next(4) == 0 ? 3 : 2)));
            at += size;
        }

        return new ListedMap(extents);
    }

    /// <summary>Whether a range has a byte in a state.</summary>
    public bool Has(AllocationState state, long start, long end) => extents.Any(e => e.State == state && e.Offset < end && e.End > start);

    protected override AllocationExtent Find(long offset)
    {
        if (offset >= FailsFrom)
        {
            throw new AllocationException("a record isn't what it was");
        }

        var found = extents.First(e => e.End > offset);
        return found with { Offset = offset, Length = found.End - offset };
    }
}
