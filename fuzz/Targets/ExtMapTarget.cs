using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Ext;
using Tidemark.Engine.Allocation.Ext.Journal;
using Tidemark.Engine.Hashing;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The map of an ext file system, its journal replayed in memory; the input is a sparse file.</summary>
internal static class ExtMapTarget
{
    private const int MagicAt = 0x38;
    private const int ChecksumAt = 0x3FC;
    private const int JournalChecksumAt = 0xFC;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var source = new MapSource(SparseDevice.Parse(input), Seal);
        MapSource.Walk(() => ExtMap.TryOpen(source));
    }

    private static void Seal(Span<byte> structure)
    {
        if (structure.Length == ExtGeometry.SuperblockSize && structure[MagicAt] == 0x53 && structure[MagicAt + 1] == 0xEF)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(structure[ChecksumAt..], Crc32C.Append(Crc32C.Start, structure[..ChecksumAt]));
        }
        else if (structure.Length == JournalSuperblock.Size && BinaryPrimitives.ReadUInt32BigEndian(structure) == JournalSuperblock.Magic)
        {
            BinaryPrimitives.WriteUInt32BigEndian(
                structure[JournalChecksumAt..], JournalChecksum.OfBlock(Crc32C.Start, structure, JournalChecksumAt));
        }
    }
}
