using System.Runtime.InteropServices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Writing;

/// <summary>Collects the extents of one leaf until it is full.</summary>
internal sealed class LeafBuilder
{
    private readonly byte[] extents = new byte[PageHeader.MaxBody];
    private readonly UInt128[] hashes = new UInt128[PageHeader.MaxBody / ImageFormat.DigestSize];
    private int extentBytes;
    private int hashCount;
    private FrameRef frame;
    private int nextInFrame;

    public int Entries { get; private set; }

    public long FirstBlock { get; private set; }

    public long EndBlock { get; private set; }

    private int Free => PageHeader.MaxBody - extentBytes - (hashCount * ImageFormat.DigestSize);

    /// <summary>Adds the extent or its beginning; returns how many of its blocks were taken, 0 when the page is full.</summary>
    public long Add(in IndexExtent extent, ReadOnlySpan<UInt128> extentHashes)
    {
        Invariant.Holds(extent.Count > 0);
        Invariant.Holds(Entries == 0 || extent.First >= EndBlock, "extents come in block order");
        Invariant.Holds(extent.State.IsStored() ? extentHashes.Length == extent.Count : extent.State != BlockState.Absent);
        var room = Free - LeafPage.MaxRunSize;
        var count = extent.State.IsStored() ? Math.Min(extent.Count, room / ImageFormat.DigestSize) : extent.Count;
        if (room < 0 || count <= 0)
        {
            return 0;
        }

        if (Entries == 0)
        {
            FirstBlock = EndBlock = extent.First;
        }

        Varint.Write(extents, ref extentBytes, extent.First - EndBlock);
        Varint.Write(extents, ref extentBytes, count);
        if (extent.State.IsStored())
        {
            WritePlace(extent);
            extentHashes[..(int)count].CopyTo(hashes.AsSpan(hashCount));
            hashCount += (int)count;
            nextInFrame = extent.BlockInFrame + (int)count;
        }
        else
        {
            extents[extentBytes++] = (byte)extent.State;
        }

        EndBlock = extent.First + count;
        Entries++;
        return count;
    }

    /// <summary>Writes header and body, not yet sealed, and starts over; returns the header.</summary>
    public PageHeader Finish(Span<byte> page, Guid imageId, long ordinal)
    {
        Invariant.Holds(Entries > 0);
        var hashBytes = MemoryMarshal.AsBytes(hashes.AsSpan(0, hashCount));
        var header = new PageHeader(
            0, Entries, imageId, ordinal, FirstBlock, EndBlock, extentBytes + hashBytes.Length, hashCount);
        header.Write(page);
        extents.AsSpan(0, extentBytes).CopyTo(page[PageHeader.Size..]);
        hashBytes.CopyTo(page[(PageHeader.Size + extentBytes)..]);
        Entries = 0;
        extentBytes = hashCount = nextInFrame = 0;
        frame = default;
        return header;
    }

    private void WritePlace(in IndexExtent extent)
    {
        var control = (int)extent.State;
        if (extent.Frame == frame && extent.BlockInFrame == nextInFrame)
        {
            extents[extentBytes++] = (byte)control;
            return;
        }

        var skip = extent.Frame.Offset - (frame.Offset + frame.Length);
        Invariant.Holds(skip >= 0, "frames are written in the order of their extents");
        control |= LeafPage.NewFrame | (extent.BlockInFrame > 0 ? LeafPage.InsideFrame : 0);
        extents[extentBytes++] = (byte)control;
        Varint.Write(extents, ref extentBytes, skip);
        Varint.Write(extents, ref extentBytes, extent.Frame.Length);
        if (extent.BlockInFrame > 0)
        {
            Varint.Write(extents, ref extentBytes, extent.BlockInFrame);
        }

        frame = extent.Frame;
    }
}
