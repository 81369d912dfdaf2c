using System.Numerics;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Serving;

/// <summary>
/// The first page of an overlay file (FORMAT.md, "Overlay files"): which volume it lies over, and where its map and its chunks
/// are.
/// </summary>
/// <param name="ChunkSize">Bytes that are copied up together, a power of two.</param>
/// <param name="Length">Bytes of the volume, or the part of one, that it lies over.</param>
/// <param name="ImageId">The image it lies over.</param>
/// <param name="Start">Where a part begins in the image's volume; 0 for all of it.</param>
internal readonly record struct OverlayHeader(int ChunkSize, long Length, Guid ChainId, Guid ImageId, long Start)
{
    public const int Size = 4096;

    public const int MinChunk = 4 << 10;

    public const int MaxChunk = 16 << 20;

    /// <summary>Chunks of the largest map, which stands in memory: 32 MiB.</summary>
    public const long MaxChunks = 1L << 27;

    private const ushort Version = 1;
    private const int DigestOffset = Size - ImageFormat.DigestSize;

    private static ReadOnlySpan<byte> Magic => "TIDEOVLY"u8;

    public long Chunks => (Length + ChunkSize - 1) / ChunkSize;

    /// <summary>Bytes of the map: two bits a chunk, in whole pages.</summary>
    public long MapBytes => ((Chunks + 3) / 4 + Size - 1) / Size * Size;

    public static long MapOffset => Size;

    public long DataOffset => (MapOffset + MapBytes + ChunkSize - 1) / ChunkSize * ChunkSize;

    /// <summary>The smallest chunks whose map keeps to its bound.</summary>
    public static int ChunkFor(long length) =>
        (int)Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)((length + MaxChunks - 1) / MaxChunks)), MinChunk, MaxChunk);

    public byte[] ToBytes()
    {
        var page = new byte[Size];
        Magic.CopyTo(page);
        Layout.U16(page, 8, Version);
        Layout.U32(page, 12, (uint)ChunkSize);
        Layout.I64(page, 16, Length);
        Layout.Guid(page, 24, ChainId);
        Layout.Guid(page, 40, ImageId);
        Layout.I64(page, 56, Start);
        Layout.U128(page, DigestOffset, Layout.Digest(page.AsSpan(0, DigestOffset)));
        return page;
    }

    /// <summary>False if the page isn't a header, is damaged, or has a field out of its bounds.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, out OverlayHeader header)
    {
        header = default;
        if (page.Length != Size || !page.StartsWith(Magic)
            || Layout.Digest(page[..DigestOffset]) != Layout.U128(page, DigestOffset) || Layout.U16(page, 8) != Version)
        {
            return false;
        }

        var chunk = Layout.U32(page, 12);
        header = new OverlayHeader(
            (int)Math.Min(chunk, int.MaxValue), Layout.I64(page, 16), Layout.Guid(page, 24), Layout.Guid(page, 40), Layout.I64(page, 56));
        return BitOperations.IsPow2(chunk) && chunk is >= MinChunk and <= MaxChunk && header.Start >= 0
            && header.Length is > 0 and <= ImageFormat.MaxSourceBytes && header.Chunks <= MaxChunks;
    }
}
