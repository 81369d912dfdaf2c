using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// BLAKE3 in keyed mode (BLAKE3 paper, section 2.3), cut to its first 128 bits, read little-endian. Lanes run over the
/// chunks of several blocks at once, and so do the parents: a block of 4 KiB has only four chunks, but sixteen of them
/// fill the widest rung up to their roots. That is why the code is our own: the package Blake3 (3.0.2) takes one block at a
/// time, and needs 16 times as long for many blocks of 4 KiB with AVX-512
/// (bench/README.md, "Identity hashes").
/// </summary>
internal sealed unsafe class Blake3Hasher : BlockHasher
{
    /// <summary>Smallest block: four chunks, so that the root is always a parent.</summary>
    private const int MinBlockSize = 4 << 10;

    /// <summary>Largest block; its chunks bound the chaining values that stand on the stack, to 32 KiB.</summary>
    private const int MaxBlockSize = 1 << 20;

    /// <summary>
    /// Chunks hashed in one go where blocks are small: sixteen blocks of 4 KiB, whose roots just fill the widest rung.
    /// </summary>
    private const int GroupChunks = 64;

    private readonly Blake3Rung rung;
    private readonly uint[] key = new uint[ValueWords];

    public Blake3Hasher(ReadOnlySpan<byte> key)
        : this(key, Blake3Rung.Best)
    {
    }

    internal Blake3Hasher(ReadOnlySpan<byte> key, Blake3Rung rung)
    {
        Debug.Assert(key.Length == KeySize);
        Debug.Assert(rung.IsSupported);
        key.CopyTo(MemoryMarshal.AsBytes(this.key.AsSpan()));
        this.rung = rung;
    }

    public override HashAlgorithm Algorithm => HashAlgorithm.Blake3;

    public override void HashBlocks(ReadOnlySpan<byte> data, int blockSize, Span<UInt128> hashes)
    {
        Debug.Assert(blockSize is >= MinBlockSize and <= MaxBlockSize && BitOperations.IsPow2(blockSize));
        Debug.Assert(data.Length == (long)hashes.Length * blockSize);
        var chunksPerBlock = blockSize / ChunkSize;
        var blocksPerGroup = Math.Max(1, GroupChunks / chunksPerBlock);
        fixed (byte* bytes = data)
        {
            fixed (uint* keyWords = key)
            {
                for (var done = 0; done < hashes.Length; done += blocksPerGroup)
                {
                    var group = hashes.Slice(done, Math.Min(blocksPerGroup, hashes.Length - done));
                    var input = bytes + ((long)done * blockSize);
                    if (chunksPerBlock <= GroupChunks)
                    {
                        HashGroup(keyWords, input, chunksPerBlock, group);
                    }
                    else
                    {
                        HashLargeBlock(keyWords, input, chunksPerBlock, out group[0]);
                    }
                }
            }
        }

        AssertSample(data, blockSize, hashes);
    }

    [SkipLocalsInit]
    private void HashGroup(uint* keyWords, byte* input, int chunksPerBlock, Span<UInt128> hashes)
    {
        var values = stackalloc byte[GroupChunks * ValueSize];
        HashTrees(keyWords, input, chunksPerBlock, values, hashes);
    }

    [SkipLocalsInit]
    private void HashLargeBlock(uint* keyWords, byte* input, int chunksPerBlock, out UInt128 hash)
    {
        hash = default;
        var values = stackalloc byte[MaxBlockSize / ChunkSize * ValueSize];
        HashTrees(keyWords, input, chunksPerBlock, values, new Span<UInt128>(ref hash));
    }

    private void HashTrees(uint* keyWords, byte* input, int chunksPerBlock, byte* values, Span<UInt128> hashes)
    {
        var chunks = hashes.Length * chunksPerBlock;
        rung.HashMany(Blake3Job.Chunks(keyWords, Blake3Constants.KeyedHash, (ulong)chunksPerBlock - 1), input, chunks, 0, values);
        Blake3Tree.Reduce(rung, keyWords, Blake3Constants.KeyedHash, values, chunks, hashes.Length, Root);
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt128LittleEndian(new ReadOnlySpan<byte>(values + (i * ValueSize), ValueSize));
        }
    }

    /// <summary>
    /// In debug builds, one block of one call in 64 is held against the reference; which, the first hash happens to
    /// choose, so that a run samples all places and yet repeats itself exactly.
    /// </summary>
    [Conditional("DEBUG")]
    private void AssertSample(ReadOnlySpan<byte> data, int blockSize, ReadOnlySpan<UInt128> hashes)
    {
        const ulong callsPerSample = 64;
        if (hashes.IsEmpty || (ulong)hashes[0] % callsPerSample != 0)
        {
            return;
        }

        var sample = (int)((ulong)(hashes[0] >> 64) % (ulong)hashes.Length);
        Span<byte> expected = stackalloc byte[ValueSize];
        Blake3Reference.KeyedHash(MemoryMarshal.AsBytes(key.AsSpan()), data.Slice(sample * blockSize, blockSize), expected);
        Debug.Assert(
            BinaryPrimitives.ReadUInt128LittleEndian(expected) == hashes[sample], "the rung and the reference disagree");
    }
}
