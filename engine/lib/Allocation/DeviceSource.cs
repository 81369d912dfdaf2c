using System.Diagnostics;
using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Allocation;

/// <summary>
/// A range of a device as the bytes of a volume. Small reads go through a few pages that are kept, the longest unused out first,
/// since records of a file system lie side by side; reads of a page and more go past them.
/// </summary>
internal sealed class DeviceSource : AllocationSource
{
    /// <summary>Bytes of a page: a transfer that costs a disk hardly more than a sector.</summary>
    private const int PageBytes = 64 << 10;

    /// <summary>Pages kept, 2 MiB: a path through each of the trees that a map walks at the same time.</summary>
    private const int Pages = 32;

    private readonly BlockDevice device;
    private readonly long start;
    private readonly Dictionary<long, LinkedListNode<Page>> byNumber = [];
    private readonly LinkedList<Page> byUse = new();

    /// <param name="device">Stays the caller's.</param>
    public DeviceSource(BlockDevice device, long start, long length)
    {
        Debug.Assert(start >= 0 && length >= 0 && start <= device.Length - length);
        this.device = device;
        this.start = start;
        Length = length;
    }

    public override long Length { get; }

    public override int SectorSize => device.Geometry.LogicalSectorSize;

    protected override void ReadInside(long offset, Span<byte> buffer)
    {
        if (buffer.Length >= PageBytes)
        {
            ReadDevice(offset, buffer);
            return;
        }

        while (buffer.Length > 0)
        {
            var within = (int)(offset % PageBytes);
            var count = Math.Min(buffer.Length, PageBytes - within);
            PageAt(offset / PageBytes).AsSpan(within, count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }
    }

    private byte[] PageAt(long number)
    {
        if (byNumber.TryGetValue(number, out var node))
        {
            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.Bytes;
        }

        var page = new Page(number, TakeBuffer());
        ReadDevice(number * PageBytes, page.Bytes.AsSpan(0, (int)Math.Min(PageBytes, Length - (number * PageBytes))));
        byNumber.Add(number, byUse.AddFirst(page));
        return page.Bytes;
    }

    private byte[] TakeBuffer()
    {
        if (byNumber.Count < Pages)
        {
            return new byte[PageBytes];
        }

        var oldest = byUse.Last!;
        byUse.RemoveLast();
        byNumber.Remove(oldest.Value.Number);
        return oldest.Value.Bytes;
    }

    private void ReadDevice(long offset, Span<byte> buffer)
    {
        try
        {
            device.ReadAt(start + offset, buffer);
        }
        catch (DeviceIoException e)
        {
            throw new AllocationException($"its records can't be read: {e.Message}", e);
        }
    }

    private sealed record Page(long Number, byte[] Bytes);
}
