namespace Tidemark.Engine.Format;

/// <summary>
/// A reference to an index page: the first block it speaks of, where it lies in the payload, and the digest of its
/// stored bytes, so that the digest of the root stands for the whole index.
/// </summary>
internal readonly record struct PageRef(long FirstBlock, long Offset, int Length, UInt128 Digest)
{
    public const int Size = 40;

    /// <summary>References one directory page holds.</summary>
    public const int PerPage = PageHeader.MaxBody / Size;

    public void Write(Span<byte> bytes)
    {
        Layout.I64(bytes, 0, FirstBlock);
        Layout.I64(bytes, 8, Offset);
        Layout.U32(bytes, 16, (uint)Length);
        Layout.U32(bytes, 20, 0);
        Layout.U128(bytes, 24, Digest);
    }

    /// <summary>False if a field is out of its bounds; <paramref name="payloadEnd"/> is where pages must end.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, long payloadEnd, out PageRef value)
    {
        value = new PageRef(
            Layout.I64(bytes, 0), Layout.I64(bytes, 8), (int)Math.Min(Layout.U32(bytes, 16), int.MaxValue), Layout.U128(bytes, 24));
        return value.FirstBlock >= 0
            && value.Offset >= 0
            && value.Length is > PageHeader.Size + ImageFormat.DigestSize and <= ImageFormat.MaxPageSize
            && value.Offset <= payloadEnd - value.Length
            && Layout.U32(bytes, 20) == 0;
    }
}
