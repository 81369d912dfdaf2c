using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Format;

/// <summary>Counts of an image, kept in the footer in the clear so that a list needs no key.</summary>
internal readonly record struct ImageCounts(
    long DataBlocks, long ZeroBlocks, long UnallocatedBlocks, long UnreadableBlocks, long UnreadableBytes,
    long Frames, long FrameBytes, long PlainBytes, long IndexBytes, long IndexPages)
{
    /// <summary>Blocks this image speaks of: what changed since its parent.</summary>
    public long ChangedBlocks => DataBlocks + ZeroBlocks + UnallocatedBlocks + UnreadableBlocks;
}

/// <summary>The last 512 bytes of an image's payload (FORMAT.md, "Footer"): where everything is.</summary>
internal sealed record ImageFooter
{
    private const int RootAt = 48;
    private const int MetadataAt = 88;
    private const int CountsAt = 120;
    private const int RepairAt = 200;
    private const int HeaderTagAt = 464;
    private const int FooterTagAt = 480;
    private const int DigestAt = ImageFormat.FooterSize - ImageFormat.DigestSize;

    public required Guid ImageId { get; init; }

    public required UInt128 HeaderDigest { get; init; }

    /// <summary>Bytes of payload before the footer.</summary>
    public required long PayloadLength { get; init; }

    /// <summary>The root of the index; null for an image in which nothing changed.</summary>
    public PageRef? Root { get; init; }

    /// <summary>0 when the root is a leaf.</summary>
    public int RootLevel { get; init; }

    public required long MetadataOffset { get; init; }

    public required int MetadataLength { get; init; }

    public required UInt128 MetadataDigest { get; init; }

    public required ImageCounts Counts { get; init; }

    public required int Parts { get; init; }

    /// <summary>
    /// The number of the repair that wrote the footer, below 2^31; 0 for the footer that was written with the image. Its tags
    /// have it for their ordinal.
    /// </summary>
    public uint RepairId { get; init; }

    /// <summary>The digest of the index that was lost, where a repair had to make another one and children name it; else zero.</summary>
    public UInt128 NamedDigest { get; init; }

    /// <summary>What children name the image by: the root's digest; zero for an empty index.</summary>
    public UInt128 IndexDigest => NamedDigest != 0 ? NamedDigest : Root?.Digest ?? UInt128.Zero;

    /// <summary>Writes the footer; in an encrypted chain it carries tags over the header page and over itself.</summary>
    public void Write(Span<byte> bytes, ReadOnlySpan<byte> headerPage, ImageCipher? cipher)
    {
        Invariant.Holds(bytes.Length == ImageFormat.FooterSize);
        bytes.Clear();
        ImageFormat.FooterMagic.CopyTo(bytes);
        Layout.Guid(bytes, 8, ImageId);
        Layout.U128(bytes, 24, HeaderDigest);
        Layout.I64(bytes, 40, PayloadLength);
        if (Root is { } root)
        {
            root.Write(bytes[RootAt..]);
            Layout.U32(bytes, RootAt + 20, (uint)RootLevel);
        }

        Layout.I64(bytes, MetadataAt, MetadataOffset);
        Layout.U32(bytes, MetadataAt + 8, (uint)MetadataLength);
        Layout.U32(bytes, MetadataAt + 12, (uint)Parts);
        Layout.U128(bytes, MetadataAt + 16, MetadataDigest);
        WriteCounts(bytes[CountsAt..]);
        Layout.U32(bytes, RepairAt, RepairId);
        Layout.U128(bytes, RepairAt + 8, NamedDigest);
        if (cipher is not null)
        {
            cipher.Seal(CipherSection.Header, RepairId, headerPage, [], bytes.Slice(HeaderTagAt, ImageCipher.TagSize));
            cipher.Seal(CipherSection.Footer, RepairId, bytes[..FooterTagAt], [], bytes.Slice(FooterTagAt, ImageCipher.TagSize));
        }

        Layout.U128(bytes, DigestAt, Layout.Digest(bytes[..DigestAt]));
    }

    /// <summary>Null and what is wrong if the bytes are damaged or not a footer.</summary>
    public static ImageFooter? TryRead(ReadOnlySpan<byte> bytes, long payloadLength, out string problem)
    {
        problem = "it does not end with a Tidemark footer, so it is incomplete";
        if (bytes.Length != ImageFormat.FooterSize || !bytes.StartsWith(ImageFormat.FooterMagic))
        {
            return null;
        }

        problem = "its footer's checksum is wrong";
        if (Layout.Digest(bytes[..DigestAt]) != Layout.U128(bytes, DigestAt))
        {
            return null;
        }

        problem = "its footer holds a value out of its bounds";
        return Parse(bytes, payloadLength);
    }

    /// <summary>Checks the tags of an encrypted image; a key that doesn't fit was found out before.</summary>
    public static void Authenticate(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> headerPage, ImageCipher cipher)
    {
        var ordinal = Layout.U32(bytes, RepairAt);
        cipher.Open(CipherSection.Header, ordinal, headerPage, bytes.Slice(HeaderTagAt, ImageCipher.TagSize), []);
        cipher.Open(CipherSection.Footer, ordinal, bytes[..FooterTagAt], bytes.Slice(FooterTagAt, ImageCipher.TagSize), []);
    }

    private static ImageFooter? Parse(ReadOnlySpan<byte> bytes, long payloadLength)
    {
        var rootLevel = Layout.U32(bytes, RootAt + 20);
        PageRef? root = null;
        if (Layout.U32(bytes, RootAt + 16) != 0)
        {
            Span<byte> rootBytes = stackalloc byte[PageRef.Size];
            bytes.Slice(RootAt, PageRef.Size).CopyTo(rootBytes);
            rootBytes[20..24].Clear();
            if (!PageRef.TryRead(rootBytes, payloadLength, out var reference) || rootLevel >= ImageFormat.MaxLevels)
            {
                return null;
            }

            root = reference;
        }

        var offset = Layout.I64(bytes, MetadataAt);
        var length = Layout.U32(bytes, MetadataAt + 8);
        var parts = Layout.U32(bytes, MetadataAt + 12);
        if (Layout.I64(bytes, 40) != payloadLength
            || offset < 0 || length > ImageFormat.MaxMetadata || offset > payloadLength - length
            || parts is 0 or > ImageFormat.MaxParts
            || ReadCounts(bytes[CountsAt..]) is not { } counts)
        {
            return null;
        }

        return new ImageFooter
        {
            ImageId = Layout.Guid(bytes, 8),
            HeaderDigest = Layout.U128(bytes, 24),
            PayloadLength = payloadLength,
            Root = root,
            RootLevel = root is null ? 0 : (int)rootLevel,
            MetadataOffset = offset,
            MetadataLength = (int)length,
            MetadataDigest = Layout.U128(bytes, MetadataAt + 16),
            Counts = counts,
            Parts = (int)parts,
            RepairId = Layout.U32(bytes, RepairAt),
            NamedDigest = Layout.U128(bytes, RepairAt + 8),
        };
    }

    private static ImageCounts? ReadCounts(ReadOnlySpan<byte> bytes)
    {
        Span<long> c = stackalloc long[10];
        for (var i = 0; i < c.Length; i++)
        {
            c[i] = Layout.I64(bytes, i * 8);
            if (c[i] is < 0 or > ImageFormat.MaxSourceBytes)
            {
                return null;
            }
        }

        return new ImageCounts(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]);
    }

    private void WriteCounts(Span<byte> bytes)
    {
        ReadOnlySpan<long> c =
        [
            Counts.DataBlocks, Counts.ZeroBlocks, Counts.UnallocatedBlocks, Counts.UnreadableBlocks, Counts.UnreadableBytes,
            Counts.Frames, Counts.FrameBytes, Counts.PlainBytes, Counts.IndexBytes, Counts.IndexPages,
        ];
        for (var i = 0; i < c.Length; i++)
        {
            Layout.I64(bytes, i * 8, c[i]);
        }
    }
}
