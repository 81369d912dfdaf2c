namespace Tidemark.Engine.Operations.Points;

/// <summary>A range of bytes of a volume.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>Takes a flat list of offset, length, offset, length … apart.</summary>
    internal static ByteRange[] FromPairs(IReadOnlyList<long> pairs)
    {
        var ranges = new ByteRange[pairs.Count / 2];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = new ByteRange(pairs[2 * i], pairs[(2 * i) + 1]);
        }

        return ranges;
    }
}
