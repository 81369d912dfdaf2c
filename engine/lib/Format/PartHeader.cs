namespace Tidemark.Engine.Format;

/// <summary>The first page of every part after the first: which image and which part of it this file is.</summary>
internal readonly record struct PartHeader(Guid ChainId, Guid ImageId, int Number, long PartSize)
{
    private const int DigestAt = ImageFormat.HeaderSize - ImageFormat.DigestSize;

    public void Write(Span<byte> page)
    {
        page[..ImageFormat.HeaderSize].Clear();
        ImageFormat.PartMagic.CopyTo(page);
        Layout.U16(page, 8, ImageFormat.Version);
        Layout.U32(page, 12, (uint)Number);
        Layout.Guid(page, 16, ChainId);
        Layout.Guid(page, 32, ImageId);
        Layout.I64(page, 48, PartSize);
        Layout.U128(page, DigestAt, Layout.Digest(page[..DigestAt]));
    }

    /// <summary>False if the page is damaged or not a part's.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, out PartHeader header)
    {
        header = default;
        if (page.Length != ImageFormat.HeaderSize
            || Layout.Digest(page[..DigestAt]) != Layout.U128(page, DigestAt)
            || !page.StartsWith(ImageFormat.PartMagic)
            || Layout.U16(page, 8) != ImageFormat.Version)
        {
            return false;
        }

        var number = Layout.U32(page, 12);
        header = new PartHeader(Layout.Guid(page, 16), Layout.Guid(page, 32), (int)Math.Min(number, int.MaxValue), Layout.I64(page, 48));
        return number is > 0 and < ImageFormat.MaxParts;
    }
}
