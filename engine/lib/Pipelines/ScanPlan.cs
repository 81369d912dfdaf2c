using System.Diagnostics;
using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Pipelines;

/// <summary>A piece of the source in scan order: either to be read, or known to store nothing.</summary>
internal readonly record struct ScanItem(long Offset, long Length, bool Read)
{
    public long End => Offset + Length;
}

/// <summary>
/// Cuts a source into pieces in block order: ranges with content into transfers of at most one buffer, ranges without
/// into one piece however long they are. A block that is partly stored counts as stored, and a small hole between content is
/// read with it. For one transfer the device is asked at most for the hole that ends it, so that a source with millions of
/// holes costs no more than a dense one.
/// </summary>
internal sealed class ScanPlan
{
    private readonly BlockDevice device;
    private readonly long length;
    private readonly int blockSize;
    private readonly int transferSize;
    private DeviceExtent extent;
    private long position;

    /// <param name="length">Bytes of the source when the run began.</param>
    /// <param name="transferSize">A multiple of <paramref name="blockSize"/>.</param>
    public ScanPlan(BlockDevice device, long length, int blockSize, int transferSize)
    {
        Debug.Assert(transferSize >= blockSize && transferSize % blockSize == 0);
        this.device = device;
        this.length = length;
        this.blockSize = blockSize;
        this.transferSize = transferSize;
    }

    public bool TryNext(out ScanItem item)
    {
        item = default;
        if (position >= length)
        {
            return false;
        }

        var end = Unallocated(position);
        if (IsLarge(position, end))
        {
            item = new ScanItem(position, end - position, Read: false);
        }
        else
        {
            // Transfers end at multiples of their size, so that a device's own stripes are met whole.
            var limit = Math.Min(length, (position / transferSize * transferSize) + transferSize);
            item = new ScanItem(position, Stored(position, limit) - position, Read: true);
        }

        position = item.End;
        return true;
    }

    /// <summary>Where the whole blocks without content end that begin at a block boundary; that boundary if there are none.</summary>
    private long Unallocated(long start)
    {
        var end = start;
        while (end < length && At(end).Kind == ExtentKind.Unallocated)
        {
            end = Math.Min(extent.End, length);
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
            else if (end > start && IsLarge(end, Unallocated(end)))
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
            Debug.Assert(extent.Offset <= offset && extent.End > offset);
        }

        return extent;
    }
}
