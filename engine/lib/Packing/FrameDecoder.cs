using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Packing;

/// <summary>Checks a stored frame and gives back its plain blocks. One a worker.</summary>
internal sealed class FrameDecoder : IDisposable
{
    private readonly FrameCodec codec = new(Codec.None, 0);
    private readonly BlockRange[] ranges = new BlockRange[ImageFormat.MaxFrameRanges];
    private readonly byte[] authenticated = new byte[ImageFormat.MaxFrameHeader];
    private int rangeCount;

    /// <summary>The blocks of the frame last read, in order.</summary>
    public ReadOnlySpan<BlockRange> Ranges => ranges.AsSpan(0, rangeCount);

    /// <summary>
    /// Checks header and payload as anyone can without a key. Null if they hold; what is wrong otherwise.
    /// </summary>
    public string? Check(ReadOnlySpan<byte> stored, Guid imageId, int blockSize, out FrameHeader header)
    {
        rangeCount = 0;
        if (!FrameHeader.TryRead(stored, blockSize, ranges, out header))
        {
            return "the frame's header is damaged";
        }

        rangeCount = header.Ranges;
        if (header.StoredLength != stored.Length)
        {
            return "the frame isn't as long as the index says";
        }

        if (header.ImageId != imageId)
        {
            return "the frame belongs to another image";
        }

        return Layout.Check(stored[header.HeaderLength..]) == header.PayloadCheck ? null : "the frame's checksum is wrong";
    }

    /// <summary>
    /// Checks, decrypts and decompresses. <paramref name="stored"/> is decrypted in place; <paramref name="plain"/> has
    /// room for <see cref="ImageFormat.MaxFrameBytes"/> or the frame's length. Null if all is well.
    /// </summary>
    public string? Decode(Span<byte> stored, Guid imageId, int blockSize, ImageCipher? cipher, Span<byte> plain, out int length)
    {
        length = 0;
        if (Check(stored, imageId, blockSize, out var header) is { } problem)
        {
            return problem;
        }

        if (header.Encrypted != cipher is not null)
        {
            return "the frame is encrypted where its image isn't, or the other way round";
        }

        if (header.PlainLength > plain.Length)
        {
            return "the frame holds more blocks than the index says";
        }

        var packed = stored[header.HeaderLength..];
        if (cipher is not null)
        {
            var extra = FrameHeader.Authenticated(stored, header.HeaderLength, authenticated);
            var opened = packed[..^ImageCipher.TagSize];
            try
            {
                cipher.Open(CipherSection.Frame, (ulong)header.Ordinal, extra, packed, opened);
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
            {
                return "the frame doesn't authenticate";
            }

            packed = opened;
        }

        if (!codec.TryDecode(header.Codec, packed, plain[..header.PlainLength]))
        {
            return $"the frame doesn't decode as {header.Codec}";
        }

        length = header.PlainLength;
        return null;
    }

    public void Dispose() => codec.Dispose();
}
