using System.Diagnostics;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// The identity hash of a chain: 128 bits of each block's plain content, keyed by the chain, so that equal hashes mean
/// equal blocks within the chain and nothing outside it. Instances are immutable and used from any thread.
/// </summary>
internal abstract class BlockHasher
{
    public abstract HashAlgorithm Algorithm { get; }

    /// <summary>
    /// Hashes consecutive blocks: <paramref name="data"/> is <c>hashes.Length</c> whole blocks of
    /// <paramref name="blockSize"/> bytes, a power of two from 4 KiB to 1 MiB.
    /// </summary>
    public abstract void HashBlocks(ReadOnlySpan<byte> data, int blockSize, Span<UInt128> hashes);

    public UInt128 HashBlock(ReadOnlySpan<byte> block)
    {
        UInt128 hash = default;
        HashBlocks(block, block.Length, new Span<UInt128>(ref hash));
        return hash;
    }

    /// <summary>Makes the hasher of a chain from the 32 key bytes of its header or data key.</summary>
    public static BlockHasher Create(HashAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        Debug.Assert(key.Length == KeySize);
        return algorithm switch
        {
            HashAlgorithm.Xxh128 => new Xxh128Hasher(key),
            HashAlgorithm.Blake3 => new Blake3Hasher(key),
            _ => throw TidemarkException.Damaged($"Unknown identity hash {(int)algorithm}; a newer Tidemark made this image."),
        };
    }

    /// <summary>Bytes of a chain's hash key: what BLAKE3 takes; XXH128 takes the first eight as its seed.</summary>
    public const int KeySize = 32;
}
