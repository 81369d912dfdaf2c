using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// BLAKE3 in scalar code, written to be compared with the paper line by line; the faster rungs are held against it.
/// Any input length and any output length; the recursion is as deep as the tree is high, 54 levels at most.
/// </summary>
internal static class Blake3Reference
{
    /// <summary>The permutation of message words between rounds (paper, table 2).</summary>
    private static ReadOnlySpan<byte> MessagePermutation => [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

    /// <summary>The mode hash (paper, section 2.3): the key words are the initial value and no mode flag is set.</summary>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> output) =>
        HashTree(InitialValue, 0, input, output);

    /// <summary>The mode keyed_hash under a key of 32 bytes.</summary>
    public static void KeyedHash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Debug.Assert(key.Length == ValueSize);
        Span<uint> keyWords = stackalloc uint[ValueWords];
        ReadWords(key, keyWords);
        HashTree(keyWords, Blake3Constants.KeyedHash, input, output);
    }

    /// <summary>The mode derive_key: the hash of the context is the key under which the key material is hashed.</summary>
    public static void DeriveKey(ReadOnlySpan<byte> context, ReadOnlySpan<byte> material, Span<byte> output)
    {
        Span<byte> contextKey = stackalloc byte[ValueSize];
        HashTree(InitialValue, DeriveKeyContext, context, contextKey);
        Span<uint> keyWords = stackalloc uint[ValueWords];
        ReadWords(contextKey, keyWords);
        HashTree(keyWords, DeriveKeyMaterial, material, output);
    }

    /// <summary>
    /// The compression function (paper, section 2.2). <paramref name="output"/> takes all 16 words; the first eight are
    /// the chaining value, and may stand where the given one stood if the others are not needed.
    /// </summary>
    public static void Compress(
        ReadOnlySpan<uint> chainingValue, ReadOnlySpan<byte> block, ulong counter, int blockLength, uint flags, Span<uint> output)
    {
        Debug.Assert(chainingValue.Length == ValueWords && block.Length == BlockSize && output.Length == BlockWords);
        Debug.Assert(blockLength is >= 0 and <= BlockSize);
        Span<uint> message = stackalloc uint[BlockWords];
        Span<uint> permuted = stackalloc uint[BlockWords];
        ReadWords(block, message);

        Span<uint> state = stackalloc uint[BlockWords];
        chainingValue.CopyTo(state);
        InitialValue[..4].CopyTo(state[8..]);
        state[12] = (uint)counter;
        state[13] = (uint)(counter >> 32);
        state[14] = (uint)blockLength;
        state[15] = flags;

        for (var round = 0; round < Rounds; round++)
        {
            Mix(state, 0, 4, 8, 12, message[0], message[1]);
            Mix(state, 1, 5, 9, 13, message[2], message[3]);
            Mix(state, 2, 6, 10, 14, message[4], message[5]);
            Mix(state, 3, 7, 11, 15, message[6], message[7]);
            Mix(state, 0, 5, 10, 15, message[8], message[9]);
            Mix(state, 1, 6, 11, 12, message[10], message[11]);
            Mix(state, 2, 7, 8, 13, message[12], message[13]);
            Mix(state, 3, 4, 9, 14, message[14], message[15]);

            for (var i = 0; i < BlockWords; i++)
            {
                permuted[i] = message[MessagePermutation[i]];
            }

            permuted.CopyTo(message);
        }

        for (var i = 0; i < ValueWords; i++)
        {
            output[i] = state[i] ^ state[i + ValueWords];
            output[i + ValueWords] = state[i + ValueWords] ^ chainingValue[i];
        }
    }

    /// <summary>The function G of the paper's section 2.2: one column or one diagonal.</summary>
    private static void Mix(Span<uint> state, int a, int b, int c, int d, uint first, uint second)
    {
        state[a] += state[b] + first;
        state[d] = BitOperations.RotateRight(state[d] ^ state[a], 16);
        state[c] += state[d];
        state[b] = BitOperations.RotateRight(state[b] ^ state[c], 12);
        state[a] += state[b] + second;
        state[d] = BitOperations.RotateRight(state[d] ^ state[a], 8);
        state[c] += state[d];
        state[b] = BitOperations.RotateRight(state[b] ^ state[c], 7);
    }

    private static void HashTree(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, Span<byte> output)
    {
        // The last compression is kept back, since it alone takes the flag Root.
        Span<byte> block = stackalloc byte[BlockSize];
        Span<uint> value = stackalloc uint[ValueWords];
        uint flags;
        int blockLength;
        if (input.Length <= ChunkSize)
        {
            flags = StartChunk(key, mode, input, 0, value, block, out blockLength);
        }
        else
        {
            HashChildren(key, mode, input, 0, block);
            key.CopyTo(value);
            flags = mode | Parent;
            blockLength = BlockSize;
        }

        Expand(value, block, blockLength, flags, output);
    }

    /// <summary>
    /// The output of the root node, of any length: its compression is repeated with an output counter (paper, section 2.6).
    /// </summary>
    public static void Expand(ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, int blockLength, uint flags, Span<byte> output)
    {
        Span<uint> words = stackalloc uint[BlockWords];
        Span<byte> bytes = stackalloc byte[BlockSize];
        for (var counter = 0UL; !output.IsEmpty; counter++)
        {
            Compress(value, block, counter, blockLength, flags | Root, words);
            WriteWords(words, bytes);
            var length = Math.Min(output.Length, BlockSize);
            bytes[..length].CopyTo(output);
            output = output[length..];
        }
    }

    /// <summary>
    /// The chaining values of the two children of the node over <paramref name="input"/>. The left one covers the
    /// largest power of two of whole chunks that leaves at least one byte to the right one (paper, section 2.1).
    /// </summary>
    private static void HashChildren(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, ulong counter, Span<byte> block)
    {
        var leftChunks = 1 << BitOperations.Log2((uint)((input.Length - 1) / ChunkSize));
        var left = leftChunks * ChunkSize;
        HashSubtree(key, mode, input[..left], counter, block[..ValueSize]);
        HashSubtree(key, mode, input[left..], counter + (ulong)leftChunks, block[ValueSize..]);
    }

    /// <summary>The chaining value of a subtree that is not the root.</summary>
    private static void HashSubtree(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, ulong counter, Span<byte> value)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        Span<uint> words = stackalloc uint[BlockWords];
        if (input.Length <= ChunkSize)
        {
            Span<uint> chaining = stackalloc uint[ValueWords];
            var flags = StartChunk(key, mode, input, counter, chaining, block, out var blockLength);
            Compress(chaining, block, counter, blockLength, flags, words);
        }
        else
        {
            HashChildren(key, mode, input, counter, block);
            Compress(key, block, 0, BlockSize, mode | Parent, words);
        }

        WriteWords(words[..ValueWords], value);
    }

    /// <summary>
    /// Compresses a chunk up to its last message, which is left in <paramref name="block"/>, padded with zeros
    /// (paper, section 2.4). Returns the flags of that last message.
    /// </summary>
    public static uint StartChunk(
        ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, ulong counter, Span<uint> value, Span<byte> block, out int blockLength)
    {
        Debug.Assert(input.Length <= ChunkSize);
        Span<uint> words = stackalloc uint[BlockWords];
        key.CopyTo(value);
        var flags = mode | ChunkStart;
        while (input.Length > BlockSize)
        {
            Compress(value, input[..BlockSize], counter, BlockSize, flags, words);
            words[..ValueWords].CopyTo(value);
            flags = mode;
            input = input[BlockSize..];
        }

        block.Clear();
        input.CopyTo(block);
        blockLength = input.Length;
        return flags | ChunkEnd;
    }

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
        }
    }

    private static void WriteWords(ReadOnlySpan<uint> words, Span<byte> bytes)
    {
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(i * sizeof(uint))..], words[i]);
        }
    }
}
