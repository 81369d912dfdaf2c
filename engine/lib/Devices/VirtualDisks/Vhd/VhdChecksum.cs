using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// The checksum of VHD structures: the one's complement of the sum of all bytes, its own four counted as zero
/// (specification 1.0, "Checksum").
/// </summary>
internal static class VhdChecksum
{
    public static uint Compute(ReadOnlySpan<byte> structure, int checksumOffset)
    {
        var sum = 0u;
        foreach (var b in structure)
        {
            sum += b;
        }

        foreach (var b in structure.Slice(checksumOffset, sizeof(uint)))
        {
            sum -= b;
        }

        return ~sum;
    }

    public static bool Matches(ReadOnlySpan<byte> structure, int checksumOffset) =>
        BinaryPrimitives.ReadUInt32BigEndian(structure[checksumOffset..]) == Compute(structure, checksumOffset);

    public static void Seal(Span<byte> structure, int checksumOffset) =>
        BinaryPrimitives.WriteUInt32BigEndian(structure[checksumOffset..], Compute(structure, checksumOffset));
}
