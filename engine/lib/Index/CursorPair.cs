using Tidemark.Engine.Format;

namespace Tidemark.Engine.Index;

/// <summary>Goes through the states of a volume at two points in time side by side and tells the blocks that differ.</summary>
internal sealed class CursorPair(MergeCursor one, MergeCursor other, UInt128 zeroHash)
{
    /// <summary>Extents between two calls of the tick.</summary>
    private const int TickExtents = 1024;

    private MergedExtent oneRun;
    private MergedExtent otherRun;

    /// <param name="first">The first block to compare.</param>
    /// <param name="end">Blocks from here on aren't compared.</param>
    /// <param name="differ">Told ranges of blocks in order: the first, and the one behind the last.</param>
    /// <param name="tick">Told now and then where the comparison is.</param>
    /// <exception cref="TidemarkException">An index is damaged or leaves out blocks.</exception>
    public void Compare(long first, long end, Action<long, long> differ, Action<long> tick)
    {
        one.SkipTo(first);
        other.SkipTo(first);
        var position = first;
        var extents = 0;
        while (position < end)
        {
            if (extents++ % TickExtents == 0)
            {
                tick(position);
            }

            Read(one, ref oneRun, position, end);
            Read(other, ref otherRun, position, end);
            var until = Math.Min(oneRun.End, otherRun.End);
            CompareRange(position, until, differ);
            position = until;
        }
    }

    private static void Read(MergeCursor cursor, ref MergedExtent extent, long position, long end)
    {
        if (extent.End > position)
        {
            return;
        }

        if (!cursor.Read(end, out extent) || extent.State == BlockState.Absent)
        {
            throw TidemarkException.Damaged(
                $"Blocks from {position} on stand in no index of the image's lineage: an index is incomplete. Run verify on the chain.");
        }
    }

    private void CompareRange(long first, long end, Action<long, long> differ)
    {
        var (a, b) = (oneRun.State, otherRun.State);
        if (a == BlockState.Lost || b == BlockState.Lost)
        {
            differ(first, end);
            return;
        }

        if (b == BlockState.Free)
        {
            // Nobody cares what it holds at the later point; the other way round the earlier one doesn't tell it.
            return;
        }

        if (!a.IsStored() && !b.IsStored())
        {
            // Zeros are zeros, whether they were read or not; what was left out is like nothing else.
            if (a != b && !(a.IsZeroContent() && b.IsZeroContent()))
            {
                differ(first, end);
            }

            return;
        }

        if (!Comparable(a, b))
        {
            differ(first, end);
            return;
        }

        var length = (int)(end - first);
        var left = a.IsStored() ? one.Hashes.Slice((int)(first - oneRun.First), length) : default;
        var right = b.IsStored() ? other.Hashes.Slice((int)(first - otherRun.First), length) : default;
        if (a == b && left.SequenceEqual(right))
        {
            return;
        }

        for (var i = 0; i < length; i++)
        {
            if ((a.IsStored() ? left[i] : zeroHash) != (b.IsStored() ? right[i] : zeroHash))
            {
                differ(first + i, first + i + 1);
            }
        }
    }

    /// <summary>Whether equal hashes mean equal content: both data, both unreadable, or data against zeros.</summary>
    private static bool Comparable(BlockState a, BlockState b) =>
        a == b || (a == BlockState.Data && b.IsZeroContent()) || (b == BlockState.Data && a.IsZeroContent());
}
