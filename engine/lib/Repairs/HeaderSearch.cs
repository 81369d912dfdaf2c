using System.Text.Json;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Repairs;

/// <summary>Finds the header of a damaged image: as it stands, with a flipped bit turned back, or from the copy in its metadata.</summary>
internal static class HeaderSearch
{
    /// <summary>Bytes at the end of an image in which metadata are looked for without a footer.</summary>
    private const int MaxTail = 1 << 20;

    /// <param name="names">The files that are there, by part.</param>
    /// <param name="problem">Why none is found.</param>
    /// <returns>The page and what it says; null if it is lost.</returns>
    public static (byte[] Page, ImageHeader Header)? Find(
        StoreFolder folder, IReadOnlyDictionary<int, string> names, Chain chain, out string problem)
    {
        var page = new byte[ImageFormat.HeaderSize];
        if (names.TryGetValue(0, out var first))
        {
            using var file = folder.OpenRead(first);
            RawPayload.ReadFile(file, 0, page);
        }

        if (!HasDigest(page) && !BitFix.TryFix(page, 0, page.Length, HasDigest))
        {
            page = Copy(folder, names, chain);
            if (page.Length == 0)
            {
                problem = "its header is lost, and no copy of it can be read in its metadata.";
                return null;
            }
        }

        // With the right digest what it says was written so: a newer format, for one.
        var header = ImageHeader.TryRead(page, out problem);
        return header is null ? null : (page, header);
    }

    /// <summary>The footer at the end of the payload, with a flipped bit turned back if there is one; null if it is lost.</summary>
    public static (byte[] Bytes, ImageFooter Footer)? Footer(RawPayload raw)
    {
        var at = raw.Length - ImageFormat.FooterSize;
        if (at < 0)
        {
            return null;
        }

        var bytes = new byte[ImageFormat.FooterSize];
        raw.Read(at, bytes);
        var footer = ImageFooter.TryRead(bytes, at, out _);
        if (footer is null && BitFix.TryFix(bytes, 0, bytes.Length, b => ImageFooter.TryRead(b, at, out _) is not null))
        {
            footer = ImageFooter.TryRead(bytes, at, out _);
        }

        return footer is null ? null : (bytes, footer);
    }

    private static bool HasDigest(byte[] page) =>
        Layout.Digest(page.AsSpan(0, page.Length - ImageFormat.DigestSize)) == Layout.U128(page, page.Length - ImageFormat.DigestSize)
        && page.AsSpan().StartsWith(ImageFormat.HeaderMagic);

    /// <summary>The copy of the header in the metadata; empty if there is none.</summary>
    private static byte[] Copy(StoreFolder folder, IReadOnlyDictionary<int, string> names, Chain chain)
    {
        using var raw = RawPayload.TryOpen(folder, names, PartSize(folder, names));
        if (raw is null)
        {
            return [];
        }

        if (Footer(raw) is not { } found)
        {
            return Checked(FromTail(raw), default);
        }

        var stored = MetadataSearch.Corrected(raw, found.Footer);
        var metadata = ImageMetadata.TryParse(stored) ?? Sealed(stored, found.Footer.ImageId, chain.Keys);
        return Checked(HeaderCopy.TryRead(metadata?.Header), found.Footer.HeaderDigest);
    }

    private static byte[] Checked(byte[]? page, UInt128 digest) =>
        page is not null && HasDigest(page) && (digest == default || Layout.U128(page, page.Length - ImageFormat.DigestSize) == digest)
            ? page
            : [];

    private static ImageMetadata? Sealed(byte[] stored, Guid imageId, ChainKeys? keys)
    {
        if (keys is null || stored.Length < ImageCipher.TagSize)
        {
            return null;
        }

        using var cipher = keys.CreateCipher(imageId);
        var plain = new byte[stored.Length - ImageCipher.TagSize];
        return cipher.TryOpen(CipherSection.Metadata, 0, [], stored, plain) ? ImageMetadata.TryParse(plain) : null;
    }

    /// <summary>Metadata in the clear begin where anything may, and end the image but for its footer.</summary>
    private static byte[]? FromTail(RawPayload raw)
    {
        var start = Math.Max(0, ImageFormat.AlignUp(raw.Length - MaxTail));
        var tail = new byte[Math.Max(0, raw.Length - start)];
        raw.Read(start, tail);
        for (var at = 0; at < tail.Length; at += ImageFormat.Alignment)
        {
            if (!tail.AsSpan(at).StartsWith("{\"source\":"u8))
            {
                continue;
            }

            try
            {
                var reader = new Utf8JsonReader(tail.AsSpan(at));
                if (reader.Read() && reader.TrySkip()
                    && HeaderCopy.TryRead(ImageMetadata.TryParse(tail.AsSpan(at, (int)reader.BytesConsumed))?.Header) is { } page)
                {
                    return page;
                }
            }
            catch (JsonException)
            {
                continue;
            }
        }

        return null;
    }

    /// <summary>The size of the parts, as the headers of the others say; 0 if there are none.</summary>
    private static long PartSize(StoreFolder folder, IReadOnlyDictionary<int, string> names)
    {
        var page = new byte[ImageFormat.HeaderSize];
        foreach (var (_, name) in names.Where(n => n.Key > 0))
        {
            using var file = folder.OpenRead(name);
            RawPayload.ReadFile(file, 0, page);
            if (PartHeader.TryRead(page, out var part) && part.PartSize >= ImageFormat.MinPartSize)
            {
                return part.PartSize;
            }
        }

        return 0;
    }
}
