using System.Diagnostics;
using ZstdSharp;

namespace Tidemark.Engine.Packing;

/// <summary>
/// Zstandard in managed code, for systems on which the native library doesn't load: at the default level it takes half as
/// long again to compress and a sixth longer to decode (bench/README.md, "The compressor and its level").
/// </summary>
internal sealed class ManagedZstd(int? level) : ZstdCodec
{
    private readonly Compressor? compressor = level is { } its ? new Compressor(its) : null;
    private readonly Decompressor decompressor = new();

    public override int Compress(ReadOnlySpan<byte> plain, Span<byte> packed, int most)
    {
        Debug.Assert(packed.Length >= Bound(plain.Length));
        return compressor!.TryWrap(plain, packed[..most], out var length) ? length : 0;
    }

    public override bool TryDecompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        try
        {
            return decompressor.TryUnwrap(packed, plain, out var length) && length == plain.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
    }

    public override void Dispose()
    {
        compressor?.Dispose();
        decompressor.Dispose();
    }
}
