using System.Diagnostics;
using K4os.Compression.LZ4;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Packing;

/// <summary>The compressors of one worker. Not for several threads at once; nothing is allocated after the first frame.</summary>
internal sealed class FrameCodec : IDisposable
{
    /// <summary>zstd levels that make sense for 128 KiB frames; above 19 only memory grows.</summary>
    public const int MaxZstdLevel = 19;

    /// <summary>LZ4 levels: 1 is the fast one, 3 to 12 are the HC and optimal ones.</summary>
    public const int MaxLz4Level = 12;

    /// <summary>
    /// A frame that saves less than a thirty-second isn't worth decoding at every restore.
    /// </summary>
    private const int WorthwhileShare = 32;

    private readonly Codec codec;
    private readonly ZstdCodec zstd;
    private readonly LZ4Level lz4Level;

    /// <param name="codec">What <see cref="Encode"/> uses; decoding takes any.</param>
    /// <param name="level">1 to 19 for zstd, 1 to 12 for LZ4.</param>
    public FrameCodec(Codec codec, int level)
    {
        Debug.Assert(codec != Codec.Zstd || level is >= 1 and <= MaxZstdLevel);
        Debug.Assert(codec != Codec.Lz4 || level is >= 1 and <= MaxLz4Level);
        this.codec = codec;
        zstd = ZstdCodec.Create(codec == Codec.Zstd ? level : null);
        lz4Level = level < 3 ? LZ4Level.L00_FAST : (LZ4Level)level;
    }

    /// <summary>
    /// zstd 2 is the knee of the measured curve: 1 saves next to nothing of a full image's processor time and stores 2 %
    /// more, 3 costs a fifth more for 1.6 % less (bench/README.md). LZ4 1 is the fast one.
    /// </summary>
    public static int DefaultLevel(Codec codec) => codec == Codec.Zstd ? 2 : codec == Codec.Lz4 ? 1 : 0;

    /// <summary>Bytes that <see cref="Encode"/> needs to work in for so many plain ones, whatever comes out.</summary>
    public static int Room(int plainLength) => ZstdCodec.Bound(plainLength);

    /// <summary>
    /// Compresses into <paramref name="packed"/>, which has at least <see cref="Room"/>. Returns the packed length and the codec used: none, when it isn't worth it.
    /// </summary>
    public (int Length, Codec Codec) Encode(ReadOnlySpan<byte> plain, Span<byte> packed)
    {
        Debug.Assert(packed.Length >= Room(plain.Length));
        if (plain.IsEmpty)
        {
            return (0, Codec.None);
        }

        var most = plain.Length - (plain.Length / WorthwhileShare);
        var length = codec switch
        {
            Codec.Zstd => zstd.Compress(plain, packed, most),
            Codec.Lz4 => LZ4Codec.Encode(plain, packed[..most], lz4Level),
            _ => 0,
        };
        if (length > 0)
        {
            return (length, codec);
        }

        plain.CopyTo(packed);
        return (plain.Length, Codec.None);
    }

    /// <summary>False if the packed bytes don't decode to exactly <paramref name="plain"/>'s length.</summary>
    public bool TryDecode(Codec packedCodec, ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        switch (packedCodec)
        {
            case Codec.None:
                if (packed.Length != plain.Length)
                {
                    return false;
                }

                packed.CopyTo(plain);
                return true;
            case Codec.Zstd:
                return zstd.TryDecompress(packed, plain);
            case Codec.Lz4:
                return LZ4Codec.Decode(packed, plain) == plain.Length;
            default:
                return false;
        }
    }

    public void Dispose() => zstd.Dispose();
}
