using System.Buffers.Binary;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// The checksums of ext4 (Linux, Documentation/filesystems/ext4/checksums.rst): CRC-32C that starts from the UUID's, never
/// inverted at the end, and the CRC-16 (polynomial 0xA001) of group descriptors before metadata_csum.
/// </summary>
internal static class ExtChecksum
{
    private const ushort Polynomial16 = 0xA001;

    private static readonly ushort[] Table16 = MakeTable16();

    /// <summary>What the checksums of a file system start from.</summary>
    public static uint Seed(ReadOnlySpan<byte> uuid) => Crc32C.Append(Crc32C.Start, uuid);

    /// <summary>The checksum of a group's descriptor, whose own field, two bytes at <paramref name="fieldAt"/>, counts as zero.</summary>
    public static ushort OfDescriptor(uint seed, uint group, ReadOnlySpan<byte> descriptor, int fieldAt)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, group);
        ReadOnlySpan<byte> zero = [0, 0];
        var state = Crc32C.Append(seed, number);
        state = Crc32C.Append(state, descriptor[..fieldAt]);
        state = Crc32C.Append(state, zero);
        return (ushort)Crc32C.Append(state, descriptor[(fieldAt + zero.Length)..]);
    }

    /// <summary>The same before metadata_csum: its field isn't in it at all.</summary>
    public static ushort OfOldDescriptor(ReadOnlySpan<byte> uuid, uint group, ReadOnlySpan<byte> descriptor, int fieldAt)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, group);
        var state = Append16(ushort.MaxValue, uuid);
        state = Append16(state, number);
        state = Append16(state, descriptor[..fieldAt]);
        return Append16(state, descriptor[(fieldAt + 2)..]);
    }

    private static ushort Append16(ushort state, ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            state = (ushort)((state >> 8) ^ Table16[(state ^ b) & 0xFF]);
        }

        return state;
    }

    private static ushort[] MakeTable16()
    {
        var table = new ushort[256];
        for (var i = 0; i < table.Length; i++)
        {
            var value = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial16 : value >> 1;
            }

            table[i] = (ushort)value;
        }

        return table;
    }
}
