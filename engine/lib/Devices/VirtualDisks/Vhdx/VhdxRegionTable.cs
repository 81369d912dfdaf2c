using System.Buffers.Binary;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>A region table, of which a VHDX has two alike ([MS-VHDX] 2.2.3.1).</summary>
internal sealed record VhdxRegionTable(IReadOnlyList<VhdxRegionEntry> Entries)
{
    /// <summary>Bytes of the structure and of what its checksum covers.</summary>
    public const int Size = 64 << 10;

    public const long FirstOffset = 192 << 10;
    public const long SecondOffset = 256 << 10;

    /// <summary>What fits into <see cref="Size"/> (and what the specification says).</summary>
    public const int MaxEntries = 2047;

    private const int ChecksumOffset = 4;
    private const int EntriesOffset = 16;

    private static ReadOnlySpan<byte> Signature => "regi"u8;

    /// <summary>Reads <see cref="Size"/> bytes. Null if they aren't sound, and <paramref name="problem"/> says why.</summary>
    public static VhdxRegionTable? Read(ReadOnlySpan<byte> source, out string problem)
    {
        source = source[..Size];
        var count = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        problem =
            !source.StartsWith(Signature) ? "it has no signature"
            : BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Crc32C.OfStructure(source, ChecksumOffset)
                ? "its checksum is wrong"
            : count > MaxEntries ? $"it has {count} entries, and at most {MaxEntries} fit"
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var entries = new VhdxRegionEntry[count];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = VhdxRegionEntry.Read(source[(EntriesOffset + (i * VhdxRegionEntry.Size))..]);
        }

        return new VhdxRegionTable(entries);
    }

    /// <summary>Writes <see cref="Size"/> bytes with their checksum.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Signature.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], (uint)Entries.Count);
        for (var i = 0; i < Entries.Count; i++)
        {
            Entries[i].Write(destination[(EntriesOffset + (i * VhdxRegionEntry.Size))..]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            destination[ChecksumOffset..], Crc32C.OfStructure(destination, ChecksumOffset));
    }
}
