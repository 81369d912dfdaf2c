using System.Buffers.Binary;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Allocation.Ext.Journal;

/// <summary>
/// The checksums of jbd2: CRC-32C of single blocks, and the CRC-32 of whole transactions that came before it, highest bit first
/// and never inverted at the end.
/// </summary>
internal static class JournalChecksum
{
    private const uint Polynomial = 0x04C11DB7;

    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of a block whose own field counts as zero.</summary>
    public static uint OfBlock(uint seed, ReadOnlySpan<byte> block, int fieldAt)
    {
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        var state = Crc32C.Append(seed, block[..fieldAt]);
        return Crc32C.Append(Crc32C.Append(state, zero), block[(fieldAt + zero.Length)..]);
    }

    /// <summary>The checksum of a data block, which is bound to its transaction.</summary>
    public static uint OfData(uint seed, uint sequence, ReadOnlySpan<byte> block)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, sequence);
        return Crc32C.Append(Crc32C.Append(seed, number), block);
    }

    /// <summary>Goes on with a transaction's checksum, which begins with all bits set.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> block)
    {
        foreach (var b in block)
        {
            state = (state << 8) ^ Table[(state >> 24) ^ b];
        }

        return state;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0; i < table.Length; i++)
        {
            var value = (uint)i << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 0x80000000) != 0 ? (value << 1) ^ Polynomial : value << 1;
            }

            table[i] = value;
        }

        return table;
    }
}
