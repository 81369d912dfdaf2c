using System.Runtime.InteropServices;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Format;

/// <summary>
/// The body of a leaf (FORMAT.md, "Leaf body"): extents as LEB128 numbers, then one hash for each stored block.
/// An extent is: gap to the extent before, count, a control byte, and for the first extent of a frame in this page its place.
/// </summary>
internal static class LeafPage
{
    /// <summary>Control byte: the block state.</summary>
    public const int StateMask = 0x07;

    /// <summary>Control byte: this extent begins another frame; its offset (from the last frame's end) and length follow.</summary>
    public const int NewFrame = 0x08;

    /// <summary>Control byte: the extent begins inside its frame, at a block number that follows.</summary>
    public const int InsideFrame = 0x10;

    /// <summary>Gap, count, control byte, frame offset, frame length, block in frame.</summary>
    public const int MaxRunSize = Varint.MaxSize + Varint.MaxSize + 1 + Varint.MaxSize + 5 + 3;

    /// <summary>The hashes of a body, which stand at its end in the byte order of this machine.</summary>
    public static ReadOnlySpan<UInt128> Hashes(ReadOnlySpan<byte> body, int hashCount) =>
        MemoryMarshal.Cast<byte, UInt128>(body[^(hashCount * ImageFormat.DigestSize)..]);
}

/// <summary>
/// Walks the extents of one leaf's body. Every number is checked as it is read, so that a forged page ends in
/// <see cref="Malformed"/> and nowhere else.
/// </summary>
internal struct LeafWalker(PageHeader header, int extentBytes, long payloadEnd)
{
    private int at;
    private int seen;
    private int hashes;
    private long end = header.FirstBlock;
    private FrameRef frame;
    private int nextInFrame;

    public bool Malformed { get; private set; }

    /// <summary>The next extent; false at the end and where the page is malformed.</summary>
    public bool TryNext(ReadOnlySpan<byte> body, out IndexExtent extent)
    {
        extent = default;
        if (seen == header.Entries)
        {
            Malformed |= at != extentBytes || hashes != header.HashCount || end != header.EndBlock;
            return false;
        }

        var extents = body[..extentBytes];
        if (!TryReadExtent(extents, out extent))
        {
            Malformed = true;
            return false;
        }

        seen++;
        end = extent.End;
        return true;
    }

    private bool TryReadExtent(ReadOnlySpan<byte> extents, out IndexExtent extent)
    {
        extent = default;
        if (!Varint.TryRead(extents, ref at, out var gap) || !Varint.TryRead(extents, ref at, out var count)
            || at >= extents.Length || gap > header.EndBlock - end)
        {
            return false;
        }

        var first = end + gap;
        var control = extents[at++];
        var state = (BlockState)(control & LeafPage.StateMask);
        if (count <= 0 || count > header.EndBlock - first || (seen == 0 && gap != 0))
        {
            return false;
        }

        if (!state.IsStored())
        {
            extent = new IndexExtent(first, count, state);
            return (state.ReadsAsZeros() || state == BlockState.Lost) && control == (byte)state;
        }

        if (!TryReadFrame(extents, control) || count > header.HashCount - hashes
            || count > ImageFormat.MaxFrameBlocks - nextInFrame)
        {
            return false;
        }

        extent = new IndexExtent(first, count, state, frame, nextInFrame, hashes);
        hashes += (int)count;
        nextInFrame += (int)count;
        return true;
    }

    private bool TryReadFrame(ReadOnlySpan<byte> extents, byte control)
    {
        if ((control & ~(LeafPage.StateMask | LeafPage.NewFrame | LeafPage.InsideFrame)) != 0)
        {
            return false;
        }

        if ((control & LeafPage.NewFrame) == 0)
        {
            return frame.Length > 0 && (control & LeafPage.InsideFrame) == 0;
        }

        if (!Varint.TryRead(extents, ref at, out var skip) || !Varint.TryRead(extents, ref at, out var length))
        {
            return false;
        }

        var from = frame.Offset + frame.Length;
        nextInFrame = 0;
        if (skip > payloadEnd - from || length <= ImageFormat.FrameFixedHeader
            || length > ImageFormat.MaxFrameHeader + ImageFormat.MaxFrameBytes + ImageCipher.TagSize
            || length > payloadEnd - from - skip)
        {
            return false;
        }

        frame = new FrameRef(from + skip, (int)length);
        if ((control & LeafPage.InsideFrame) == 0)
        {
            return true;
        }

        if (!Varint.TryRead(extents, ref at, out var inside) || inside is 0 or >= ImageFormat.MaxFrameBlocks)
        {
            return false;
        }

        nextInFrame = (int)inside;
        return true;
    }
}
