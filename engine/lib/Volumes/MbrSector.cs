using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>One of the four entries of an MBR or EBR. Addresses are in sectors; an EBR's are relative.</summary>
internal readonly record struct MbrEntry(byte Status, byte Type, uint FirstSector, uint SectorCount)
{
    /// <summary>The type of the partition that stands before a GPT (UEFI specification 2.10, table 5.4).</summary>
    public const byte ProtectiveType = 0xEE;

    /// <summary>Whether the status is one that an entry may have: bootable or not.</summary>
    public bool HasStatus => Status is 0 or 0x80;

    public bool IsUsed => Type != 0 && SectorCount != 0;

    /// <summary>Extended partitions: CHS, LBA and Linux.</summary>
    public bool IsExtended => Type is 0x05 or 0x0F or 0x85;
}

/// <summary>The first sector of an MBR disk, or an extended boot record: signature and four entries.</summary>
internal sealed class MbrSector
{
    public const int Size = 512;

    private const int SignatureOffset = 0x1B8;
    private const int EntriesOffset = 0x1BE;
    private const int EntrySize = 16;

    private MbrSector(uint diskSignature, MbrEntry[] entries)
    {
        DiskSignature = diskSignature;
        Entries = entries;
    }

    public uint DiskSignature { get; }

    public IReadOnlyList<MbrEntry> Entries { get; }

    public bool IsProtective => Entries.Any(entry => entry.Type == MbrEntry.ProtectiveType);

    /// <summary>
    /// Reads a sector that ends in 55 AA and whose entries have a status that an entry may have, all but one at most; null
    /// otherwise. A file system's boot sector may pass: callers look for those first.
    /// </summary>
    public static MbrSector? TryRead(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size || sector[510] != 0x55 || sector[511] != 0xAA)
        {
            return null;
        }

        var entries = new MbrEntry[4];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = sector.Slice(EntriesOffset + (i * EntrySize), EntrySize);
            entries[i] = new MbrEntry(
                entry[0], entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }

        return entries.Count(entry => !entry.HasStatus) > 1
            ? null
            : new MbrSector(BinaryPrimitives.ReadUInt32LittleEndian(sector[SignatureOffset..]), entries);
    }
}
