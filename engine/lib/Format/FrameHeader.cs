using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Format;

/// <summary>
/// Consecutive blocks in one state, as a frame's header lists them. Those in a stored state follow each other in the
/// frame; the others are listed so that the frames alone tell everything the index tells.
/// </summary>
internal readonly record struct BlockRange(long First, long Count, BlockState State)
{
    public long End => First + Count;
}

/// <summary>
/// The start of a frame (FORMAT.md, "Frames"): enough to find it without the index, to check it without the key, and
/// to know which blocks it holds.
/// </summary>
/// <param name="ImageId">The image the frame was written for.</param>
/// <param name="Ordinal">The frame's number in its image, from 0; part of its nonce.</param>
/// <param name="PlainLength">Bytes of all its blocks; 0 for a frame that lists ranges without content only.</param>
/// <param name="PackedLength">Stored bytes after the header, tag included.</param>
/// <param name="HeaderLength">Stored bytes of the header, list of ranges included.</param>
internal readonly record struct FrameHeader(
    Guid ImageId, long Ordinal, Codec Codec, bool Encrypted, int PlainLength, int PackedLength, int Ranges,
    int HeaderLength, ulong PayloadCheck)
{
    public const int FixedSize = ImageFormat.FrameFixedHeader;

    private const int CheckSize = sizeof(ulong);

    public int StoredLength => HeaderLength + PackedLength;

    /// <summary>The state stands in the low bits of a range's count.</summary>
    private const int StateBits = 3;

    /// <summary>
    /// Writes the list of ranges and gives the header's whole length; <see cref="Write"/> comes when the payload is known.
    /// </summary>
    public static int WriteRanges(Span<byte> frame, ReadOnlySpan<BlockRange> ranges)
    {
        Invariant.Holds(ranges.Length is > 0 and <= ImageFormat.MaxFrameRanges);
        var at = FixedSize;
        var end = 0L;
        foreach (var range in ranges)
        {
            Invariant.Holds(range.Count > 0 && range.First >= end);
            Varint.Write(frame, ref at, range.First - end);
            Varint.Write(frame, ref at, (range.Count << StateBits) | (long)range.State);
            end = range.End;
        }

        return at + CheckSize;
    }

    /// <summary>Writes the fixed fields and the check over the whole header.</summary>
    public void Write(Span<byte> frame)
    {
        WriteFields(frame);
        Layout.U64(frame, 48, PayloadCheck);
        Layout.U64(frame, HeaderLength - CheckSize, Layout.Check(frame[..(HeaderLength - CheckSize)]));
    }

    /// <summary>Writes what the tag of an encrypted frame covers: all but the checks, which come after it.</summary>
    public void WriteFields(Span<byte> frame)
    {
        frame[..FixedSize].Clear();
        ImageFormat.FrameMagic.CopyTo(frame);
        Layout.U16(frame, 4, (ushort)HeaderLength);
        frame[6] = (byte)Codec;
        frame[7] = Encrypted ? (byte)1 : (byte)0;
        Layout.Guid(frame, 8, ImageId);
        Layout.I64(frame, 24, Ordinal);
        Layout.U32(frame, 32, (uint)PlainLength);
        Layout.U32(frame, 36, (uint)PackedLength);
        Layout.U32(frame, 40, (uint)Ranges);
    }

    /// <summary>What the tag covers besides the payload: the fields and ranges, without the two checks.</summary>
    public static ReadOnlySpan<byte> Authenticated(ReadOnlySpan<byte> frame, int headerLength, Span<byte> copy)
    {
        frame[..(headerLength - CheckSize)].CopyTo(copy);
        copy.Slice(48, CheckSize).Clear();
        return copy[..(headerLength - CheckSize)];
    }

    /// <summary>
    /// Reads a header and the ranges behind it. False if the check is wrong or a field out of its bounds; nothing is
    /// believed before the check holds, except the header's own length, which is bounded.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, int blockSize, Span<BlockRange> ranges, out FrameHeader header)
    {
        header = default;
        if (frame.Length < FixedSize + CheckSize || !frame.StartsWith(ImageFormat.FrameMagic))
        {
            return false;
        }

        int length = Layout.U16(frame, 4);
        if (length < FixedSize + CheckSize || length > ImageFormat.MaxFrameHeader || length > frame.Length
            || Layout.Check(frame[..(length - CheckSize)]) != Layout.U64(frame, length - CheckSize))
        {
            return false;
        }

        var plain = Layout.U32(frame, 32);
        var packed = Layout.U32(frame, 36);
        var count = Layout.U32(frame, 40);
        var ordinal = Layout.I64(frame, 24);
        var tag = frame[7] == 1 ? ImageCipher.TagSize : 0;
        if (plain > ImageFormat.MaxFrameBytes || plain % blockSize != 0 || packed < tag || packed > plain + tag
            || count is 0 or > ImageFormat.MaxFrameRanges || count > ranges.Length || ordinal < 0 || frame[7] > 1
            || !TryReadRanges(frame[FixedSize..(length - CheckSize)], ranges[..(int)count], plain / blockSize))
        {
            return false;
        }

        header = new FrameHeader(
            Layout.Guid(frame, 8), ordinal, (Codec)frame[6], frame[7] == 1, (int)plain, (int)packed, (int)count, length,
            Layout.U64(frame, 48));
        return true;
    }

    private static bool TryReadRanges(ReadOnlySpan<byte> list, Span<BlockRange> ranges, long blocks)
    {
        var at = 0;
        var end = 0L;
        foreach (ref var range in ranges)
        {
            if (!Varint.TryRead(list, ref at, out var gap) || !Varint.TryRead(list, ref at, out var countAndState))
            {
                return false;
            }

            var state = (BlockState)(countAndState & ((1 << StateBits) - 1));
            var count = countAndState >> StateBits;
            if (gap > ImageFormat.MaxSourceBytes - end || count == 0 || count > ImageFormat.MaxSourceBytes - end - gap
                || !(state.IsStored() ? count <= blocks : state.ReadsAsZeros()))
            {
                return false;
            }

            range = new BlockRange(end + gap, count, state);
            end = range.End;
            blocks -= state.IsStored() ? count : 0;
        }

        return blocks == 0 && at == list.Length;
    }
}
