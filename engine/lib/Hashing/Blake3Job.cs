using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>What is the same for all inputs of one call of a rung: whole chunks, or parents of two chaining values.</summary>
internal readonly unsafe struct Blake3Job
{
    private Blake3Job(uint* key, int blocks, uint flags, uint startFlags, uint endFlags, ulong counterMask)
    {
        Key = key;
        Blocks = blocks;
        Flags = flags;
        StartFlags = startFlags;
        EndFlags = endFlags;
        CounterMask = counterMask;
    }

    /// <summary>The eight words that every input starts from; they must stay where they are during the call.</summary>
    public uint* Key { get; }

    /// <summary>Messages of 64 bytes in each input; consecutive inputs stand close together.</summary>
    public int Blocks { get; }

    /// <summary>Bytes from one input to the next.</summary>
    public int Stride => Blocks * BlockSize;

    /// <summary>Flags of every message.</summary>
    public uint Flags { get; }

    /// <summary>Further flags of the first message.</summary>
    public uint StartFlags { get; }

    /// <summary>Further flags of the last message.</summary>
    public uint EndFlags { get; }

    /// <summary>
    /// Input i has the counter (first + i) AND this mask: all ones for the chunks of one tree, one less than the chunks
    /// of a tree where trees of equal size follow each other, none for parents, whose counter is always 0.
    /// </summary>
    public ulong CounterMask { get; }

    public static Blake3Job Chunks(uint* key, uint mode, ulong counterMask) =>
        new(key, BlocksPerChunk, mode, ChunkStart, ChunkEnd, counterMask);

    public static Blake3Job Parents(uint* key, uint mode) => new(key, 1, mode | Parent, 0, 0, 0);

    /// <summary>The flags of message <paramref name="block"/>.</summary>
    public uint FlagsOf(int block) =>
        Flags | (block == 0 ? StartFlags : 0) | (block == Blocks - 1 ? EndFlags : 0);
}
