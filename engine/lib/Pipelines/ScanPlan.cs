using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// A piece of the source in scan order: <see cref="BlockState.Data"/> is to be read, anything else is known without.
/// </summary>
internal readonly record struct ScanItem(long Offset, long Length, BlockState State)
{
    public long End => Offset + Length;

    public bool Read => State == BlockState.Data;
}

/// <summary>
/// Cuts a source into pieces in block order: ranges with content into transfers of at most one buffer, ranges without
/// into one piece however long they are. A block that is partly stored counts as stored, and a small hole between content is
/// read with it. For one transfer the device is asked at most for the hole that ends it, so that a source with millions of
/// holes costs no more than a dense one.
/// </summary>
internal sealed class ScanPlan
{
    /// <summary>
    /// Bytes from which on a free range within a transfer ends it. Reading less than this over costs a disk nothing beside another
    /// transfer, and what is read of it is thrown away.
    /// </summary>
    private const int WorthwhileGap = 32 << 10;

    private readonly BlockDevice device;
    private readonly long length;
    private readonly int blockSize;
    private readonly int transferSize;
    private readonly MappedBlocks? map;
    private DeviceExtent extent;
    private long position;

    /// <param name="length">Bytes of the source when the run began.</param>
    /// <param name="transferSize">A multiple of <paramref name="blockSize"/>.</param>
    /// <param name="map">What needn't be read; null where nothing is known.</param>
    public ScanPlan(BlockDevice device, long length, int blockSize, int transferSize, MappedBlocks? map = null)
    {
        Invariant.Holds(transferSize >= blockSize && transferSize % blockSize == 0);
        this.device = device;
        this.length = length;
        this.blockSize = blockSize;
        this.transferSize = transferSize;
        this.map = map;
    }

    /// <summary>Words that the blocks of the largest transfer take, a bit each.</summary>
    public int GapWords => (((transferSize / blockSize) + 63) / 64) * (map is null ? 0 : 1);

    /// <param name="gaps">
    /// <see cref="GapWords"/> words, a bit a block from the piece's first: set for those that are read over and are free.
    /// </param>
    public bool TryNext(out ScanItem item, Span<ulong> gaps = default)
    {
        item = default;
        if (position >= length)
        {
            return false;
        }

        var used = Used(position);
        if (map is not null && used == position)
        {
            var state = map.At(position, out var end) == AllocationState.Free ? BlockState.Free : BlockState.Excluded;
            item = new ScanItem(position, end - position, state);
        }
        else if (Unallocated(position, used) is var hole && IsLarge(position, hole))
        {
            item = new ScanItem(position, hole - position, BlockState.Unallocated);
        }
        else
        {
            // Transfers end at multiples of their size, so that a device's own stripes are met whole.
            var limit = Math.Min(length, (position / transferSize * transferSize) + transferSize);
            item = new ScanItem(position, Transfer(limit, gaps) - position, BlockState.Data);
        }

        position = item.End;
        return true;
    }

    /// <summary>Where the blocks end that the map calls used; the start if there are none.</summary>
    private long Used(long start)
    {
        if (map is null)
        {
            return length;
        }

        return map.At(start, out var end) == AllocationState.Used ? end : start;
    }

    /// <summary>Where a transfer ends that begins at the position with something used.</summary>
    private long Transfer(long limit, Span<ulong> gaps)
    {
        gaps.Clear();
        var end = position;
        while (end < limit)
        {
            var used = Used(end);
            if (used > end)
            {
                var part = Math.Min(used, limit);
                if (end > position && IsLarge(end, Unallocated(end, part)))
                {
                    return end;
                }

                var stored = Stored(end, part);
                if (stored < part)
                {
                    return stored;
                }

                end = stored;
                continue;
            }

            var state = map!.At(end, out var gapEnd);
            if (state == AllocationState.Excluded || gapEnd >= limit || gapEnd - end >= WorthwhileGap)
            {
                return end;
            }

            for (; end < gapEnd; end += blockSize)
            {
                var block = (int)((end - position) / blockSize);
                gaps[block / 64] |= 1UL << (block % 64);
            }
        }

        return limit;
    }

    /// <summary>Where the whole blocks without content end that begin at a block boundary; that boundary if there are none.</summary>
    private long Unallocated(long start, long most)
    {
        var end = start;
        while (end < most && At(end).Kind == ExtentKind.Unallocated)
        {
            end = Math.Min(extent.End, most);
        }

        return end == length ? end : start + ((end - start) / blockSize * blockSize);
    }

    private bool IsLarge(long start, long end) => end > start && (end - start >= device.WorthwhileHole || end == length);

    /// <summary>Where a transfer ends that begins with content or a small hole: at a large hole, at most at the limit.</summary>
    private long Stored(long start, long limit)
    {
        var end = start;
        while (end < limit)
        {
            if (At(end).Kind == ExtentKind.Data)
            {
                end += (extent.End - end + blockSize - 1) / blockSize * blockSize;
            }
            else if (end > start && IsLarge(end, Unallocated(end, length)))
            {
                return end;
            }
            else if (device.WorthwhileHole > blockSize)
            {
                // Behind a small hole nobody is asked any more: what follows up to the limit is read.
                return limit;
            }
            else
            {
                // The hole ends within the block.
                end += blockSize;
            }
        }

        return limit;
    }

    private DeviceExtent At(long offset)
    {
        if (offset < extent.Offset || offset >= extent.End)
        {
            extent = device.ExtentAt(offset);
            Invariant.Holds(extent.Offset <= offset && extent.End > offset);
        }

        return extent;
    }
}
