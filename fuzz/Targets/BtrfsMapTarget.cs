using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Btrfs;
using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The map of a btrfs: chunks, devices, extents, block groups; the input is a sparse file.</summary>
internal static class BtrfsMapTarget
{
    private const int HeaderSize = 101;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        // Tree blocks don't say which kind of checksum they have; the superblock is read before them.
        ushort type = 0;
        var source = new MapSource(SparseDevice.Parse(input), structure => Seal(structure, ref type));
        MapSource.Walk(() => BtrfsMap.TryOpen(source));
    }

    private static void Seal(Span<byte> structure, ref ushort type)
    {
        if (structure.Length < HeaderSize)
        {
            return;
        }

        if (structure.Length == BtrfsSuperblock.Size && structure[0x40..].StartsWith("_BHRfS_M"u8))
        {
            type = BinaryPrimitives.ReadUInt16LittleEndian(structure[0xC4..]);
        }

        Span<byte> checksum = stackalloc byte[BtrfsSuperblock.ChecksumSize];
        if (BtrfsSuperblock.TryChecksum(type, structure[checksum.Length..], checksum, out var length))
        {
            checksum[..length].CopyTo(structure);
        }
    }
}
