using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;

namespace Tidemark.Engine.Hashing;

/// <summary>XXH3-128 (xxHash specification 0.8, "XXH3"), seeded with the first eight key bytes, little-endian.</summary>
internal sealed class Xxh128Hasher(ReadOnlySpan<byte> key) : BlockHasher
{
    private readonly long seed = BinaryPrimitives.ReadInt64LittleEndian(key);

    public override HashAlgorithm Algorithm => HashAlgorithm.Xxh128;

    public override void HashBlocks(ReadOnlySpan<byte> data, int blockSize, Span<UInt128> hashes)
    {
        Debug.Assert(data.Length == (long)hashes.Length * blockSize);
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = XxHash128.HashToUInt128(data.Slice(i * blockSize, blockSize), seed);
        }
    }
}
