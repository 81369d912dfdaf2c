using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Points;

/// <summary>Tells ranges of a volume as ranges of the part of it that is meant: clipped to it and counted from its start.</summary>
internal readonly record struct ViewScope(ByteRange View, int BlockSize)
{
    /// <param name="pairs">Offset, length, offset, length …</param>
    public ByteRange[] Clip(IReadOnlyList<long> pairs)
    {
        List<ByteRange> clipped = [];
        foreach (var range in ByteRange.FromPairs(pairs))
        {
            var (offset, length) = Clip(range.Offset, range.Length);
            if (length > 0)
            {
                clipped.Add(new ByteRange(offset, length));
            }
        }

        return [.. clipped];
    }

    public DamagedRange[] Clip(IReadOnlyList<BlockDamage> damage)
    {
        var clipped = new DamagedRange[damage.Count];
        for (var i = 0; i < clipped.Length; i++)
        {
            var (offset, length) = Clip(damage[i].FirstBlock * BlockSize, damage[i].Count * BlockSize);
            clipped[i] = new DamagedRange(offset, length, damage[i].Sequence, damage[i].Reason);
        }

        return clipped;
    }

    private (long Offset, long Length) Clip(long offset, long length)
    {
        var first = Math.Max(offset, View.Offset);
        var end = Math.Min(offset + length, View.End);
        return (first - View.Offset, Math.Max(0, end - first));
    }
}
