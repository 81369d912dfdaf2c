using System.Buffers.Binary;
using System.Diagnostics;

namespace Tidemark.Engine.Hashing;

/// <summary>BLAKE3 in keyed mode (BLAKE3 paper, section 2.3), cut to its first 128 bits, read little-endian.</summary>
internal sealed class Blake3Hasher(ReadOnlySpan<byte> key) : BlockHasher
{
    private readonly byte[] key = key.ToArray();

    public override HashAlgorithm Algorithm => HashAlgorithm.Blake3;

    public override void HashBlocks(ReadOnlySpan<byte> data, int blockSize, Span<UInt128> hashes) =>
        throw new NotSupportedException();
}
