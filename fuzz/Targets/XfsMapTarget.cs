using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Xfs;
using Tidemark.Engine.Hashing;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The map of an XFS, its log included; the input is a sparse file.</summary>
internal static class XfsMapTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var source = new MapSource(SparseDevice.Parse(input), Seal);
        MapSource.Walk(() => XfsMap.TryOpen(source));
    }

    private static void Seal(Span<byte> structure)
    {
        if (structure.StartsWith("XFSB"u8) && structure.Length > 104)
        {
            Seal(structure[..Math.Min(structure.Length, BinaryPrimitives.ReadUInt16BigEndian(structure[102..]))], 224);
        }
        else if (structure.StartsWith("XAGF"u8))
        {
            Seal(structure, 216);
        }
        else if (structure.StartsWith("XAGI"u8))
        {
            Seal(structure, 312);
        }
        else if (structure.StartsWith("XAFL"u8))
        {
            Seal(structure, 32);
        }
        else if (structure.StartsWith("AB3B"u8) || structure.StartsWith("AB3C"u8))
        {
            Seal(structure, 52);
        }
    }

    private static void Seal(Span<byte> structure, int checksumOffset)
    {
        if (structure.Length >= checksumOffset + sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(structure[checksumOffset..], Crc32C.OfStructure(structure, checksumOffset));
        }
    }
}
