using System.Diagnostics;
using K4os.Compression.LZ4;
using ZstdSharp;

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
    private readonly Compressor? compressor;
    private readonly Decompressor decompressor = new();
    private readonly LZ4Level lz4Level;

    /// <param name="codec">What <see cref="Encode"/> uses; decoding takes any.</param>
    /// <param name="level">1 to 19 for zstd, 1 to 12 for LZ4.</param>
    public FrameCodec(Codec codec, int level)
    {
        this.codec = codec;
        switch (codec)
        {
            case Codec.Zstd:
                Debug.Assert(level is >= 1 and <= MaxZstdLevel);
                compressor = new Compressor(level);
                break;
            case Codec.Lz4:
                Debug.Assert(level is >= 1 and <= MaxLz4Level);
                lz4Level = level < 3 ? LZ4Level.L00_FAST : (LZ4Level)level;
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// zstd 3 is its authors' default and LZ4 1 the fast one.
    /// </summary>
    public static int DefaultLevel(Codec codec) => codec == Codec.Zstd ? 3 : codec == Codec.Lz4 ? 1 : 0;

    /// <summary>
    /// Compresses into <paramref name="packed"/>, which is at least as long as <paramref name="plain"/>.
    /// Returns the packed length and the codec used: none, when it isn't worth it.
    /// </summary>
    public (int Length, Codec Codec) Encode(ReadOnlySpan<byte> plain, Span<byte> packed)
    {
        Debug.Assert(packed.Length >= plain.Length);
        if (plain.IsEmpty)
        {
            return (0, Codec.None);
        }

        var room = packed[..(plain.Length - (plain.Length / WorthwhileShare))];
        var length = 0;
        if (codec == Codec.Zstd && compressor!.TryWrap(plain, room, out var written))
        {
            length = written;
        }
        else if (codec == Codec.Lz4)
        {
            length = LZ4Codec.Encode(plain, room, lz4Level);
        }

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
                try
                {
                    return decompressor.TryUnwrap(packed, plain, out var written) && written == plain.Length;
                }
                catch (ZstdException)
                {
                    return false;
                }

            case Codec.Lz4:
                return LZ4Codec.Decode(packed, plain) == plain.Length;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        compressor?.Dispose();
        decompressor.Dispose();
    }
}
