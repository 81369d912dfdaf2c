using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Format;

/// <summary>
/// Turns a page into its stored form and back: header, body (encrypted with its tag where the chain is), digest of all
/// before it.
/// </summary>
internal static class PageSeal
{
    /// <summary>
    /// Seals the page in place: header and plain body stand in <paramref name="page"/>.
    /// Returns the stored length and gives the digest.
    /// </summary>
    public static int Seal(Span<byte> page, in PageHeader header, ImageCipher? cipher, out UInt128 digest)
    {
        var length = PageHeader.Size + header.BodyLength;
        if (cipher is not null)
        {
            var body = page.Slice(PageHeader.Size, header.BodyLength + ImageCipher.TagSize);
            cipher.Seal(CipherSection.IndexPage, (ulong)header.Ordinal, page[..PageHeader.Size], body[..header.BodyLength], body);
            length += ImageCipher.TagSize;
        }

        digest = Layout.Digest(page[..length]);
        Layout.U128(page, length, digest);
        length += ImageFormat.DigestSize;
        Invariant.Holds(length <= ImageFormat.MaxPageSize);
        return length;
    }

    /// <summary>
    /// Checks a stored page against its reference and decrypts the body in place. Null if all is well; what is wrong
    /// otherwise.
    /// </summary>
    public static string? Open(Span<byte> stored, in PageRef reference, Guid imageId, ImageCipher? cipher, out PageHeader header)
    {
        Invariant.Holds(stored.Length == reference.Length);
        var checkedLength = stored.Length - ImageFormat.DigestSize;
        var digest = Layout.Digest(stored[..checkedLength]);
        header = default;
        if (digest != Layout.U128(stored, checkedLength))
        {
            return "its checksum is wrong";
        }

        if (digest != reference.Digest)
        {
            return "it is not the page its directory refers to";
        }

        var tag = cipher is null ? 0 : ImageCipher.TagSize;
        if (!PageHeader.TryRead(stored, out header)
            || header.ImageId != imageId
            || header.FirstBlock != reference.FirstBlock
            || header.BodyLength + PageHeader.Size + tag != checkedLength)
        {
            return "its header is malformed";
        }

        if (cipher is not null)
        {
            var body = stored.Slice(PageHeader.Size, header.BodyLength + tag);
            cipher.Open(CipherSection.IndexPage, (ulong)header.Ordinal, stored[..PageHeader.Size], body, body[..header.BodyLength]);
        }

        return null;
    }
}
