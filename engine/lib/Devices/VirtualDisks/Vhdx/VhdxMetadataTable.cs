using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>The table at the start of the metadata region ([MS-VHDX] 2.6.1.1). It has no checksum.</summary>
internal sealed record VhdxMetadataTable(IReadOnlyList<VhdxMetadataEntry> Entries)
{
    /// <summary>Bytes of the table; items begin behind it.</summary>
    public const int Size = 64 << 10;

    /// <summary>What fits into <see cref="Size"/> (and what the specification says).</summary>
    public const int MaxEntries = 2047;

    private const int EntriesOffset = 32;

    private static ReadOnlySpan<byte> Signature => "metadata"u8;

    /// <summary>Reads <see cref="Size"/> bytes. Null if they aren't sound, and <paramref name="problem"/> says why.</summary>
    public static VhdxMetadataTable? Read(ReadOnlySpan<byte> source, out string problem)
    {
        source = source[..Size];
        var count = BinaryPrimitives.ReadUInt16LittleEndian(source[10..]);
        problem =
            !source.StartsWith(Signature) ? "its metadata table has no signature"
            : count > MaxEntries ? $"its metadata table has {count} entries, and at most {MaxEntries} fit"
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var entries = new VhdxMetadataEntry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = VhdxMetadataEntry.Read(source[(EntriesOffset + (i * VhdxMetadataEntry.Size))..]);
        }

        return new VhdxMetadataTable(entries);
    }

    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Signature.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], (ushort)Entries.Count);
        for (var i = 0; i < Entries.Count; i++)
        {
            Entries[i].Write(destination[(EntriesOffset + (i * VhdxMetadataEntry.Size))..]);
        }
    }
}
