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
/// into one piece however long they are. A block that is partly stored counts as stored.
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
        if (end > position)
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

    /// <summary>Where the blocks end, at most at <paramref name="limit"/>, that hold some content and begin at a boundary.</summary>
    private long Stored(long start, long limit)
    {
        var end = start;
        do
        {
            end = Math.Min(limit, end + blockSize);
            if (end < limit && At(end).Kind == ExtentKind.Data)
            {
                end = Math.Min(limit, end + ((extent.End - end) / blockSize * blockSize));
            }
        }
        while (end < limit && Unallocated(end) == end);

        return end;
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
