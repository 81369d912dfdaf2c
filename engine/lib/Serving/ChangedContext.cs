using Tidemark.Engine.Format;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Serving;

/// <summary>
/// <c>tidemark:changed</c>: bit 0 says that a range differs from the same range at another point in time of the chain. The
/// indexes are compared, and no frame is read.
/// </summary>
/// <param name="view">The part of the volume that is served; offsets count from its start.</param>
/// <param name="overlay">What clients wrote differs too; null where they can't.</param>
/// <param name="now">The point that is served.</param>
/// <param name="then">The other point.</param>
/// <param name="zeroHash">The identity hash of a block of zeros.</param>
/// <param name="commonLength">Bytes of the smaller of the two volumes: what is behind differs.</param>
internal sealed class ChangedContext(
    ByteRange view, PointIndex now, PointIndex then, UInt128 zeroHash, int blockSize, long commonLength,
    OverlayDevice? overlay) : NbdContext
{
    /// <summary>The flag of a range that differs.</summary>
    public const uint Changed = 1;

    /// <summary>Extents that one answer looks at, which bounds its time.</summary>
    private const int MaxSteps = 4096;

    public override string Name => "tidemark:changed";

    public override (long Length, uint Flags) At(long offset)
    {
        if (overlay is null)
        {
            return BelowAt(offset);
        }

        var (written, length) = overlay.WrittenAt(offset);
        if (written)
        {
            return (length, Changed);
        }

        var below = BelowAt(offset);
        return (Math.Min(below.Length, length), below.Flags);
    }

    private (long Length, uint Flags) BelowAt(long offset)
    {
        offset += view.Offset;
        if (offset >= commonLength)
        {
            return (view.End - offset, Changed);
        }

        var first = offset / blockSize;
        var mine = now.Borrow(first);
        try
        {
            var other = then.Borrow(first);
            try
            {
                return Compare(mine, other, offset);
            }
            finally
            {
                then.Return(other);
            }
        }
        finally
        {
            now.Return(mine);
        }
    }

    private (long Length, uint Flags) Compare(RegionTable mine, RegionTable other, long offset)
    {
        var commonBlocks = (commonLength + blockSize - 1) / blockSize;
        var first = offset / blockSize;
        var limit = Math.Min(commonBlocks, Math.Min(mine.End, other.End));
        var at = first;
        bool? differs = null;
        for (var steps = 0; at < limit && steps < MaxSteps; steps++)
        {
            var (next, changed) = Compare(mine, other, at, limit);
            if (differs is { } before && before != changed)
            {
                break;
            }

            differs = changed;
            at = next;
        }

        var end = Math.Min(Math.Min(at * blockSize, commonLength), view.End);
        return (end - offset, differs == true ? Changed : 0);
    }

    /// <summary>Whether a block differs, and where the blocks end that are known to be like it.</summary>
    private (long Next, bool Changed) Compare(RegionTable mine, RegionTable other, long at, long limit)
    {
        ref readonly var a = ref mine.RunAt(at, out var i);
        ref readonly var b = ref other.RunAt(at, out var j);
        var end = Math.Min(limit, Math.Min(mine.EndOf(i), other.EndOf(j)));
        if (a.State == BlockState.Lost || b.State == BlockState.Lost)
        {
            return (end, true);
        }

        if (a.State == BlockState.Free)
        {
            // Nobody cares what it holds now.
            return (end, false);
        }

        if (!a.State.IsStored() && !b.State.IsStored())
        {
            // Zeros are zeros, whether they were read or not; what was left out is like nothing else.
            return (end, a.State != b.State && !(a.State.IsZeroContent() && b.State.IsZeroContent()));
        }

        var comparable = a.State == b.State || (a.State == BlockState.Data && b.State.IsZeroContent())
            || (b.State == BlockState.Data && a.State.IsZeroContent());
        if (!comparable)
        {
            return (end, true);
        }

        var changed = HashOf(mine, a, at) != HashOf(other, b, at);
        var next = at + 1;
        while (next < end && (HashOf(mine, a, next) != HashOf(other, b, next)) == changed)
        {
            next++;
        }

        return (next, changed);
    }

    private UInt128 HashOf(RegionTable table, in RegionExtent extent, long block) =>
        extent.State.IsStored() ? table.Hashes(extent, block, 1)[0] : zeroHash;
}
