using System.Diagnostics;
using System.Runtime.CompilerServices;

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

    /// <summary>
    /// Proves blocks, from number <paramref name="from"/> on, by the hashes that they must have. Returns the number of the first
    /// that has another, or -1.
    /// </summary>
    [SkipLocalsInit]
    public int FirstWrong(ReadOnlySpan<byte> data, int blockSize, ReadOnlySpan<UInt128> known, int from = 0)
    {
        Debug.Assert(data.Length == (long)known.Length * blockSize);
        Span<UInt128> its = stackalloc UInt128[ProvenAtOnce];
        for (var at = from; at < known.Length; at += ProvenAtOnce)
        {
            var count = Math.Min(ProvenAtOnce, known.Length - at);
            HashBlocks(data.Slice(at * blockSize, count * blockSize), blockSize, its[..count]);
            var same = its[..count].CommonPrefixLength(known.Slice(at, count));
            if (same < count)
            {
                return at + same;
            }
        }

        return -1;
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

    /// <summary>Blocks hashed before they are compared: enough to fill the lanes of BLAKE3 several times, on the stack.</summary>
    private const int ProvenAtOnce = 64;
}
