using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Packing;

/// <summary>
/// Makes a frame of plain blocks: compresses, decodes what it made and compares, encrypts, and puts header and checks
/// in front. One a worker.
/// </summary>
internal sealed class FrameEncoder : IDisposable
{
    private readonly FrameCodec codec;
    private readonly ImageCipher? cipher;
    private readonly Guid imageId;
    private readonly byte[] decoded;
    private readonly byte[] authenticated = new byte[ImageFormat.MaxFrameHeader];

    public FrameEncoder(Codec codec, int level, ImageCipher? cipher, Guid imageId, int frameBytes)
    {
        this.codec = new FrameCodec(codec, level);
        this.cipher = cipher;
        this.imageId = imageId;
        decoded = new byte[frameBytes];
    }

    /// <summary>Bytes a frame of <paramref name="frameBytes"/> plain bytes takes at most, padding included.</summary>
    public static int MaxStored(int frameBytes) =>
        (int)ImageFormat.AlignUp(ImageFormat.MaxFrameHeader + frameBytes + ImageCipher.TagSize);

    /// <summary>Bytes that <see cref="Encode"/> needs to make such a frame in; more than the frame has in the end.</summary>
    public static int Room(int frameBytes) =>
        (int)ImageFormat.AlignUp(ImageFormat.MaxFrameHeader + FrameCodec.Room(frameBytes) + ImageCipher.TagSize);

    /// <summary>
    /// Writes the frame into <paramref name="frame"/>, which has <see cref="Room"/>, and returns its stored length,
    /// without padding.
    /// </summary>
    /// <exception cref="TidemarkException">The compressor made something that doesn't decode to what went in.</exception>
    public int Encode(ReadOnlySpan<byte> plain, ReadOnlySpan<BlockRange> ranges, long ordinal, Span<byte> frame)
    {
        var began = Tracer.Begin();
        var headerLength = FrameHeader.WriteRanges(frame, ranges);
        var payload = frame[headerLength..];
        var (packed, used) = codec.Encode(plain, payload);
        var check = decoded.AsSpan(0, plain.Length);
        if (!codec.TryDecode(used, payload[..packed], check) || !check.SequenceEqual(plain))
        {
            throw TidemarkException.Failed(
                $"Blocks {ranges[0].First} to {ranges[^1].End} don't come back from {used} as they went in. "
                + "Nothing was committed; run again, and test this machine's memory if it happens again.");
        }

        var stored = cipher is null ? packed : packed + ImageCipher.TagSize;
        var header = new FrameHeader(
            imageId, ordinal, used, cipher is not null, plain.Length, stored, ranges.Length, headerLength, 0);
        if (cipher is not null)
        {
            header.WriteFields(frame);
            var extra = FrameHeader.Authenticated(frame, headerLength, authenticated);
            cipher.Seal(CipherSection.Frame, (ulong)ordinal, extra, payload[..packed], payload[..stored]);
        }

        header = header with { PayloadCheck = Layout.Check(payload[..stored]) };
        header.Write(frame);
        Invariant.Holds(header.StoredLength <= frame.Length);
        if (began != 0)
        {
            Tracer.Log.FramePacked(ordinal, plain.Length, header.StoredLength, (long)used, Tracer.Since(began));
        }

        return header.StoredLength;
    }

    public void Dispose() => codec.Dispose();
}
