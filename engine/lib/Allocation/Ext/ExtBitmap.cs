using System.Buffers.Binary;
using System.Numerics;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>The clusters of one group, a bit each, the lowest first; a set one is used.</summary>
internal sealed class ExtBitmap(int blockSize)
{
    private const int WordBits = 64;

    private readonly byte[] bytes = new byte[blockSize];

    /// <summary>Bits that are of the group; what lies behind them says nothing.</summary>
    public int Count { get; private set; }

    /// <summary>All of a block, to be read into.</summary>
    public Span<byte> Bytes => bytes;

    /// <summary>Begins with a group of so many clusters, all of them free.</summary>
    public void Clear(int count)
    {
        bytes.AsSpan().Clear();
        Count = count;
    }

    /// <summary>Makes what another bitmap calls used so here as well.</summary>
    public void Add(ExtBitmap other)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] |= other.bytes[i];
        }
    }

    /// <summary>Makes a range used.</summary>
    public void Set(int start, int end)
    {
        for (var bit = start; bit < end; bit++)
        {
            bytes[bit >> 3] |= (byte)(1 << (bit & 7));
        }
    }

    /// <summary>Whether all is used here that is in another bitmap of the group.</summary>
    public bool Contains(ExtBitmap other)
    {
        for (var bit = 0; bit < Count; bit += WordBits)
        {
            if ((other.WordAt(bit) & ~WordAt(bit)) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public int CountFree()
    {
        var used = 0;
        for (var bit = 0; bit < Count; bit += WordBits)
        {
            used += BitOperations.PopCount(WordAt(bit));
        }

        return Count - used;
    }

    public bool IsUsed(int bit) => (bytes[bit >> 3] & (1 << (bit & 7))) != 0;

    /// <summary>Where the run that a bit is in ends.</summary>
    public int EndOfRun(int bit)
    {
        var flip = IsUsed(bit) ? ulong.MaxValue : 0;
        while (bit < Count)
        {
            var different = (WordAt(bit & -WordBits) ^ flip) >> (bit % WordBits);
            if (different != 0)
            {
                return Math.Min(bit + BitOperations.TrailingZeroCount(different), Count);
            }

            bit = (bit & -WordBits) + WordBits;
        }

        return Count;
    }

    // Bits behind the last are zero here, whatever stands there.
    private ulong WordAt(int bit)
    {
        var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(bit >> 3));
        return Count - bit >= WordBits ? word : word & ((1UL << (Count - bit)) - 1);
    }
}
