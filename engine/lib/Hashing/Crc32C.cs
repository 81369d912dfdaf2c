using System.Buffers.Binary;
using System.Numerics;

namespace Tidemark.Engine.Hashing;

/// <summary>CRC-32C (Castagnoli) as VHDX, ext4, XFS and btrfs use it, on the processor's own instruction.</summary>
internal static class Crc32C
{
    /// <summary>What <see cref="Append"/> starts from.</summary>
    public const uint Start = uint.MaxValue;

    public static uint Append(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var b in data)
        {
            state = BitOperations.Crc32C(state, b);
        }

        return state;
    }

    public static uint Finish(uint state) => ~state;

    /// <summary>The checksum of a structure whose own checksum, at <paramref name="checksumOffset"/>, counts as zero.</summary>
    public static uint OfStructure(ReadOnlySpan<byte> structure, int checksumOffset)
    {
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        var state = Append(Start, structure[..checksumOffset]);
        state = Append(state, zero);
        return Finish(Append(state, structure[(checksumOffset + sizeof(uint))..]));
    }
}
