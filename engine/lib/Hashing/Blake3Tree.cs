using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// The hash tree of BLAKE3 (paper, section 2.1) over one input of any length, with the work of whole chunks and of their
/// parents given to a rung in groups. Nothing is taken from the heap.
/// </summary>
internal static unsafe class Blake3Tree
{
    /// <summary>
    /// Chunks that are hashed in one go: four times the widest rung, so that two levels of parents fill its lanes as well.
    /// </summary>
    private const int GroupChunks = 64;

    /// <summary>Hashes <paramref name="input"/> from eight key words; <paramref name="output"/> may have any length.</summary>
    public static void Hash(Blake3Rung rung, ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Debug.Assert(key.Length == ValueWords);
        fixed (uint* keyWords = key)
        {
            fixed (byte* bytes = input)
            {
                if (input.Length > ChunkSize)
                {
                    HashRoot(rung, keyWords, mode, bytes, input.Length, output);
                    return;
                }
            }
        }

        // A single chunk leaves nothing to do side by side.
        Span<byte> block = stackalloc byte[BlockSize];
        Span<uint> value = stackalloc uint[ValueWords];
        var flags = Blake3Reference.StartChunk(key, mode, input, 0, value, block, out var blockLength);
        Blake3Reference.Expand(value, block, blockLength, flags, output);
    }

    /// <summary>
    /// Halves a row of chaining values until <paramref name="roots"/> are left, in place: each level's parents stand
    /// side by side whichever trees they belong to, as long as all trees have the same power of two of chunks.
    /// </summary>
    public static void Reduce(Blake3Rung rung, uint* key, uint mode, byte* values, int count, int roots, uint lastFlags)
    {
        Debug.Assert(roots > 0 && count % roots == 0 && BitOperations.IsPow2(count / roots));
        while (count > roots)
        {
            count /= 2;
            rung.HashMany(Blake3Job.Parents(key, mode | (count == roots ? lastFlags : 0)), values, count, 0, values);
        }
    }

    private static void HashRoot(Blake3Rung rung, uint* key, uint mode, byte* input, int length, Span<byte> output)
    {
        var children = stackalloc byte[BlockSize];
        HashChildren(rung, key, mode, input, length, 0, children);
        Blake3Reference.Expand(
            new ReadOnlySpan<uint>(key, ValueWords), new ReadOnlySpan<byte>(children, BlockSize), BlockSize, mode | Parent, output);
    }

    /// <summary>As the reference does it: the left child takes the largest power of two of whole chunks.</summary>
    private static void HashChildren(Blake3Rung rung, uint* key, uint mode, byte* input, int length, ulong counter, byte* values)
    {
        var leftChunks = 1 << BitOperations.Log2((uint)((length - 1) / ChunkSize));
        var left = leftChunks * ChunkSize;
        HashSubtree(rung, key, mode, input, left, counter, values);
        HashSubtree(rung, key, mode, input + left, length - left, counter + (ulong)leftChunks, values + ValueSize);
    }

    [SkipLocalsInit]
    private static void HashSubtree(Blake3Rung rung, uint* key, uint mode, byte* input, int length, ulong counter, byte* value)
    {
        Debug.Assert(length > 0);
        if (length <= GroupChunks * ChunkSize && length % ChunkSize == 0 && BitOperations.IsPow2(length))
        {
            HashGroup(rung, key, mode, input, length / ChunkSize, counter, value);
        }
        else if (length < ChunkSize)
        {
            Span<byte> block = stackalloc byte[BlockSize];
            Span<uint> words = stackalloc uint[BlockWords];
            var keyWords = new ReadOnlySpan<uint>(key, ValueWords);
            var partial = new ReadOnlySpan<byte>(input, length);
            var flags = Blake3Reference.StartChunk(keyWords, mode, partial, counter, words[..ValueWords], block, out var blockLength);
            Blake3Reference.Compress(words[..ValueWords], block, counter, blockLength, flags, words);
            MemoryMarshal.AsBytes(words[..ValueWords]).CopyTo(new Span<byte>(value, ValueSize));
        }
        else
        {
            var children = stackalloc byte[BlockSize];
            HashChildren(rung, key, mode, input, length, counter, children);
            rung.HashMany(Blake3Job.Parents(key, mode), children, 1, 0, value);
        }
    }

    [SkipLocalsInit]
    private static void HashGroup(Blake3Rung rung, uint* key, uint mode, byte* input, int chunks, ulong counter, byte* value)
    {
        var values = stackalloc byte[GroupChunks * ValueSize];
        rung.HashMany(Blake3Job.Chunks(key, mode, ulong.MaxValue), input, chunks, counter, values);
        Reduce(rung, key, mode, values, chunks, 1, 0);
        new ReadOnlySpan<byte>(values, ValueSize).CopyTo(new Span<byte>(value, ValueSize));
    }
}
