using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Stores;

namespace Tidemark.Fuzz.Inputs;

/// <summary>
/// Makes an image of index pages alone. Every page gets its image id, length and digest; a reference of a directory page
/// names a later page by its number, since nobody guesses digests.
/// </summary>
internal static class IndexImage
{
    public static readonly Guid ImageId = new("7d000000-0000-0000-0000-000000000001");

    private const int MaxPages = 32;
    private const long Blocks = 1L << 40;

    public static MemoryStoreFolder Build(ReadOnlySpan<byte> input, out long blocks)
    {
        blocks = Blocks;
        var reader = new InputReader(input);
        var level = reader.Byte() % ImageFormat.MaxLevels;
        List<byte[]> pages = [];
        while (!reader.AtEnd && pages.Count < MaxPages)
        {
            var body = reader.Take(reader.U16());
            var page = new byte[Math.Clamp(body.Length, PageHeader.Size + 1, PageHeader.Size + PageHeader.MaxBody) + ImageFormat.DigestSize];
            body[..Math.Min(body.Length, page.Length - ImageFormat.DigestSize)].CopyTo(page);
            pages.Add(page);
        }

        var offsets = new long[pages.Count + 1];
        for (var i = 0; i < pages.Count; i++)
        {
            offsets[i + 1] = ImageFormat.AlignUp(offsets[i] + pages[i].Length);
        }

        for (var i = pages.Count - 1; i >= 0; i--)
        {
            Seal(pages, i, offsets);
        }

        return Image(pages, offsets, level);
    }

    private static void Seal(List<byte[]> pages, int number, long[] offsets)
    {
        var page = pages[number];
        var body = page.Length - PageHeader.Size - ImageFormat.DigestSize;
        Layout.Guid(page, 8, ImageId);
        Layout.U32(page, 48, (uint)body);
        for (var i = 0; Layout.U16(page, 4) != 0 && i < body / PageRef.Size; i++)
        {
            var reference = page.AsSpan(PageHeader.Size + (i * PageRef.Size), PageRef.Size);
            var other = (int)(Layout.U64(reference, 8) % (ulong)pages.Count);
            if (other > number)
            {
                Layout.I64(reference, 8, offsets[other]);
                Layout.U32(reference, 16, (uint)pages[other].Length);
                Layout.U128(reference, 24, Digest(pages[other]));
            }
        }

        Reseal.DigestAtEnd(page);
    }

    private static UInt128 Digest(byte[] page) => Layout.Digest(page.AsSpan()[..^ImageFormat.DigestSize]);

    private static MemoryStoreFolder Image(List<byte[]> pages, long[] offsets, int level)
    {
        var header = new ImageHeader
        {
            ChainId = new Guid("7d000000-0000-0000-0000-000000000002"),
            ImageId = ImageId,
            Sequence = 1,
            Kind = ImageKind.Full,
            BlockSize = ImageFormat.MinBlockSize,
            Hash = HashAlgorithm.Xxh128,
            Codec = Codec.None,
            Created = DateTimeOffset.UnixEpoch,
            SourceBytes = Blocks * ImageFormat.MinBlockSize,
            LogicalSectorSize = 512,
            PhysicalSectorSize = 512,
            HashKey = new byte[BlockHasher.KeySize],
            Identity = SourceIdentity.None,
            ChainName = "",
        };
        var file = new byte[ImageFormat.HeaderSize + offsets[^1] + ImageFormat.FooterSize];
        header.Write(file.AsSpan(0, ImageFormat.HeaderSize));
        for (var i = 0; i < pages.Count; i++)
        {
            pages[i].CopyTo(file, ImageFormat.HeaderSize + offsets[i]);
        }

        new ImageFooter
        {
            ImageId = ImageId,
            HeaderDigest = header.Digest,
            PayloadLength = offsets[^1],
            Root = pages.Count == 0 ? null : new PageRef(Layout.I64(pages[0], 32), 0, pages[0].Length, Digest(pages[0])),
            RootLevel = pages.Count == 0 ? 0 : level,
            MetadataOffset = 0,
            MetadataLength = 0,
            MetadataDigest = default,
            Counts = default,
            Parts = 1,
        }.Write(file.AsSpan()[^ImageFormat.FooterSize..], file.AsSpan(0, ImageFormat.HeaderSize), null);
        var folder = new MemoryStoreFolder("input", "input");
        using var writer = folder.Create(ImageNames.Part(1, 0));
        writer.Append(file);
        writer.Complete();
        return folder;
    }
}
