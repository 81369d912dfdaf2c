using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Format;

/// <summary>
/// The fixed start of every index page (FORMAT.md, "Index pages"). A leaf's body is extents and hashes; a directory's
/// body is the references of the level below.
/// </summary>
internal readonly record struct PageHeader(
    int Level, int Entries, Guid ImageId, long Ordinal, long FirstBlock, long EndBlock, int BodyLength, int HashCount)
{
    public const int Size = 64;

    /// <summary>Plain body bytes of a page at most; the rest is header, tag and digest.</summary>
    public const int MaxBody = ImageFormat.MaxPageSize - Size - ImageCipher.TagSize - ImageFormat.DigestSize;

    public void Write(Span<byte> page)
    {
        Invariant.Holds(BodyLength is >= 0 and <= MaxBody && Entries is > 0 and <= ushort.MaxValue);
        page[..Size].Clear();
        (Level == 0 ? ImageFormat.LeafMagic : ImageFormat.DirectoryMagic).CopyTo(page);
        Layout.U16(page, 4, (ushort)Level);
        Layout.U16(page, 6, (ushort)Entries);
        Layout.Guid(page, 8, ImageId);
        Layout.I64(page, 24, Ordinal);
        Layout.I64(page, 32, FirstBlock);
        Layout.I64(page, 40, EndBlock);
        Layout.U32(page, 48, (uint)BodyLength);
        Layout.U32(page, 52, (uint)HashCount);
    }

    /// <summary>False if the bytes aren't a page header or a field is out of its bounds.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, out PageHeader header)
    {
        header = default;
        if (page.Length < Size)
        {
            return false;
        }

        int level = Layout.U16(page, 4);
        var magic = level == 0 ? ImageFormat.LeafMagic : ImageFormat.DirectoryMagic;
        header = new PageHeader(
            level,
            Layout.U16(page, 6),
            Layout.Guid(page, 8),
            Layout.I64(page, 24),
            Layout.I64(page, 32),
            Layout.I64(page, 40),
            (int)Math.Min(Layout.U32(page, 48), int.MaxValue),
            (int)Math.Min(Layout.U32(page, 52), int.MaxValue));
        return page.StartsWith(magic)
            && level < ImageFormat.MaxLevels
            && header.Entries > 0
            && header.Ordinal >= 0
            && header.FirstBlock >= 0
            && header.EndBlock > header.FirstBlock
            && header.BodyLength <= MaxBody
            && header.HashCount <= MaxBody / ImageFormat.DigestSize
            && header.HashCount * ImageFormat.DigestSize <= header.BodyLength
            && Layout.AllZero(page[56..Size]);
    }
}
