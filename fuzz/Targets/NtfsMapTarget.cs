using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Ntfs;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The map of an NTFS volume, its log and its page files included, and its files; the input is a sparse file.</summary>
internal static class NtfsMapTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var source = new MapSource(SparseDevice.Parse(input), Seal);
        FileWalk.Run(source, "ntfs", () => NtfsMap.TryOpen(source));
    }

    // Puts the update sequence's number where it belongs, so that no record is torn.
    private static void Seal(Span<byte> record)
    {
        if (record.Length < UpdateSequence.Stride || record.Length % UpdateSequence.Stride != 0
            || !(record.StartsWith("FILE"u8) || record.StartsWith("INDX"u8) || record.StartsWith("RSTR"u8)))
        {
            return;
        }

        var count = (record.Length / UpdateSequence.Stride) + 1;
        BinaryPrimitives.WriteUInt16LittleEndian(record[6..], (ushort)count);
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        for (var i = 1; i < count && at + (count * 2) <= UpdateSequence.Stride - 2; i++)
        {
            var place = record.Slice((i * UpdateSequence.Stride) - 2, 2);
            place.CopyTo(record[(at + (i * 2))..]);
            record.Slice(at, 2).CopyTo(place);
        }
    }
}
