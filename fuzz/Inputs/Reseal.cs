using System.Buffers.Binary;
using System.IO.Hashing;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;

namespace Tidemark.Fuzz.Inputs;

/// <summary>
/// Makes the checksums of changed structures right, as an adversary would: they stand against damage, and whatever lies
/// behind them has to take any bytes.
/// </summary>
internal static class Reseal
{
    /// <summary>What others name an image by; the index's only where the image is one file.</summary>
    internal readonly record struct Digests(UInt128 Header, UInt128? Index);

    private const int ImageIdAt = 56;
    private const int PartSizeAt = 112;
    private const int KeysAt = 1536;
    private const int ParentAt = 120;
    private const int RootAt = 48;
    private const int MetadataAt = 88;

    /// <summary>A header or the first page of a part: the digest stands at the end.</summary>
    public static void Page(Span<byte> page)
    {
        if (page.Length == ImageFormat.HeaderSize && page[84] == 1)
        {
            Keys(page.Slice(KeysAt, KeySlotTable.Size));
        }

        DigestAtEnd(page);
    }

    /// <summary>A structure whose last 16 bytes are the digest of the others.</summary>
    public static void DigestAtEnd(Span<byte> bytes)
    {
        if (bytes.Length >= ImageFormat.DigestSize)
        {
            Layout.U128(bytes, bytes.Length - ImageFormat.DigestSize, Layout.Digest(bytes[..^ImageFormat.DigestSize]));
        }
    }

    /// <summary>A table or file of keys: the checksum stands in front.</summary>
    public static void Keys(Span<byte> bytes) => BinaryPrimitives.WriteUInt128LittleEndian(bytes, XxHash128.HashToUInt128(bytes[16..]));

    /// <summary>A frame's checks, where its lengths leave a place for them.</summary>
    public static void Frame(Span<byte> frame)
    {
        if (frame.Length < FrameHeader.FixedSize + sizeof(ulong))
        {
            return;
        }

        int length = Layout.U16(frame, 4);
        var packed = Layout.U32(frame, 36);
        if (length >= FrameHeader.FixedSize + sizeof(ulong) && length <= frame.Length)
        {
            var payload = frame[length..];
            Layout.U64(frame, 48, Layout.Check(payload[..(int)Math.Min(packed, payload.Length)]));
            Layout.U64(frame, length - sizeof(ulong), Layout.Check(frame[..(length - sizeof(ulong))]));
        }
    }

    /// <summary>An image in one file: its frames, its index from the leaves up, header and footer.</summary>
    /// <param name="digests">Those of the images before, by image id; a parent link to one gets its index's.</param>
    public static void Image(Span<byte> file, Dictionary<Guid, Digests> digests)
    {
        if (file.Length < ImageFormat.HeaderSize + ImageFormat.FooterSize)
        {
            return;
        }

        var header = file[..ImageFormat.HeaderSize];
        if (digests.TryGetValue(Layout.Guid(header, ParentAt), out var parent) && parent.Index is { } index)
        {
            Layout.U128(header, ParentAt + 24, index);
        }

        Page(header);
        var headerDigest = Layout.U128(header, ImageFormat.HeaderSize - ImageFormat.DigestSize);
        digests[Layout.Guid(header, ImageIdAt)] = new Digests(headerDigest, null);
        if (Layout.I64(header, PartSizeAt) != 0)
        {
            return;
        }

        var payload = file[ImageFormat.HeaderSize..^ImageFormat.FooterSize];
        for (var at = 0; at < payload.Length; at += ImageFormat.Alignment)
        {
            if (payload[at..].StartsWith(ImageFormat.FrameMagic))
            {
                Frame(payload[at..]);
            }
        }

        Footer(file[^ImageFormat.FooterSize..], header, payload);
        digests[Layout.Guid(header, ImageIdAt)] = new Digests(headerDigest, Layout.U128(file[^ImageFormat.FooterSize..], RootAt + 24));
    }

    /// <summary>A further part: its first page, and the footer if it is the last. What lies over several parts stays.</summary>
    public static void Part(Span<byte> file, Dictionary<Guid, Digests> digests)
    {
        if (file.Length < ImageFormat.HeaderSize + ImageFormat.FooterSize)
        {
            return;
        }

        DigestAtEnd(file[..ImageFormat.HeaderSize]);
        var footer = file[^ImageFormat.FooterSize..];
        if (footer.StartsWith(ImageFormat.FooterMagic) && digests.TryGetValue(Layout.Guid(footer, 8), out var image))
        {
            Layout.U128(footer, 24, image.Header);
            DigestAtEnd(footer);
        }
    }

    /// <summary>A repair file: its pieces as far as they lie in it, its table and its end.</summary>
    public static void RepairFile(Span<byte> file)
    {
        if (file.Length < Engine.Images.RepairFile.TrailerSize)
        {
            return;
        }

        var trailer = file[^Engine.Images.RepairFile.TrailerSize..];
        var at = Layout.I64(trailer, 8);
        var lengths = Layout.U32(trailer, 20) * (long)sizeof(long);
        var end = file.Length - trailer.Length;
        if (at >= 0 && at <= end)
        {
            var table = file[(int)at..end];
            var entries = table[(int)Math.Min(lengths, table.Length)..];
            for (; entries.Length >= RepairPiece.Size; entries = entries[RepairPiece.Size..])
            {
                var piece = RepairPiece.Read(entries);
                if (piece.Source >= 0 && piece.Source <= at - piece.Length)
                {
                    Layout.U128(entries, 32, Layout.Digest(file.Slice((int)piece.Source, piece.Length)));
                }
            }

            Layout.U128(trailer, 40, Layout.Digest(table));
        }

        Layout.U128(trailer, 64, Layout.Digest(trailer[..64]));
    }

    private static void Footer(Span<byte> footer, ReadOnlySpan<byte> header, Span<byte> payload)
    {
        Layout.U128(footer, 24, Layout.U128(header, ImageFormat.HeaderSize - ImageFormat.DigestSize));
        Reference(footer[RootAt..], payload, ImageFormat.MaxLevels);
        var offset = Layout.I64(footer, MetadataAt);
        var length = Layout.U32(footer, MetadataAt + 8);
        if (offset >= 0 && offset <= payload.Length - (long)length)
        {
            Layout.U128(footer, MetadataAt + 16, Layout.Digest(payload.Slice((int)offset, (int)length)));
        }

        DigestAtEnd(footer);
    }

    /// <summary>Seals the page that a reference names, what that refers to before it, and gives the reference its digest.</summary>
    private static void Reference(Span<byte> reference, Span<byte> payload, int depth)
    {
        var offset = Layout.I64(reference, 8);
        var length = Layout.U32(reference, 16);
        if (depth == 0 || offset < 0 || length < PageHeader.Size + ImageFormat.DigestSize || length > ImageFormat.MaxPageSize
            || offset > payload.Length - length)
        {
            return;
        }

        var page = payload.Slice((int)offset, (int)length);
        if (Layout.U16(page, 4) != 0)
        {
            var count = Math.Min((page.Length - PageHeader.Size - ImageFormat.DigestSize) / PageRef.Size, Layout.U16(page, 6));

            // A few are enough; many levels of many pages that all name the same one would never end.
            for (var i = 0; i < Math.Min(count, 4); i++)
            {
                Reference(page[(PageHeader.Size + (i * PageRef.Size))..], payload, depth - 1);
            }
        }

        DigestAtEnd(page);
        Layout.U128(reference, 24, Layout.Digest(page[..^ImageFormat.DigestSize]));
    }
}
