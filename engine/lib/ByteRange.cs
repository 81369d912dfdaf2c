namespace Tidemark.Engine;

/// <summary>A range of bytes of a volume, a device or a file.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    internal long End => Offset + Length;

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

    /// <summary>The blocks that the range touches: the first, and the one behind the last.</summary>
    internal (long First, long End) Blocks(int blockSize) => (Offset / blockSize, (End + blockSize - 1) / blockSize);
}
