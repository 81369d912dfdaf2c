using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;

namespace Tidemark.Engine.Volumes;

/// <summary>A GPT header (UEFI specification 2.10, table 5.5). Addresses are in sectors.</summary>
/// <param name="FirstUsableLba">The first sector that a partition may have.</param>
/// <param name="LastUsableLba">The last one.</param>
internal readonly record struct GptHeader(
    long MyLba, long AlternateLba, long FirstUsableLba, long LastUsableLba, Guid DiskGuid, long EntriesLba, int EntryCount,
    int EntrySize, uint EntriesCrc)
{
    /// <summary>Bytes of the header that are defined; the rest of its sector is reserved.</summary>
    public const int Size = 92;

    /// <summary>
    /// Bytes of the entry array at most. The usual array has 128 entries of 128 bytes; this is 64 times that.
    /// </summary>
    public const int MaxTableSize = 1 << 20;

    private const int MinEntrySize = 128;
    private const int CrcOffset = 16;

    /// <summary>The one revision there is, 1.0, since UEFI was EFI.</summary>
    private const uint Revision = 0x00010000;

    /// <summary>Bytes of the entry array.</summary>
    public int TableSize => EntryCount * EntrySize;

    /// <summary>Reads a header from its sector, checksum first; null where there is none.</summary>
    public static GptHeader? TryRead(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size || !sector.StartsWith("EFI PART"u8))
        {
            return null;
        }

        var headerSize = BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]);
        if (headerSize < Size || headerSize > sector.Length)
        {
            return null;
        }

        var crc = new Crc32();
        crc.Append(sector[..CrcOffset]);
        crc.Append([0, 0, 0, 0]);
        crc.Append(sector[(CrcOffset + 4)..(int)headerSize]);
        if (crc.GetCurrentHashAsUInt32() != BinaryPrimitives.ReadUInt32LittleEndian(sector[CrcOffset..]))
        {
            return null;
        }

        var myLba = BinaryPrimitives.ReadInt64LittleEndian(sector[24..]);
        var alternateLba = BinaryPrimitives.ReadInt64LittleEndian(sector[32..]);
        var entriesLba = BinaryPrimitives.ReadInt64LittleEndian(sector[72..]);
        var entryCount = BinaryPrimitives.ReadUInt32LittleEndian(sector[80..]);
        var entrySize = BinaryPrimitives.ReadUInt32LittleEndian(sector[84..]);
        if (myLba <= 0 || entriesLba <= 0
            || entrySize < MinEntrySize || !uint.IsPow2(entrySize)
            || entryCount == 0 || (ulong)entryCount * entrySize > MaxTableSize)
        {
            return null;
        }

        return new GptHeader(
            myLba, alternateLba, BinaryPrimitives.ReadInt64LittleEndian(sector[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(sector[48..]), new Guid(sector.Slice(56, 16)), entriesLba, (int)entryCount,
            (int)entrySize, BinaryPrimitives.ReadUInt32LittleEndian(sector[88..]));
    }

    /// <summary>Writes the header into its sector, with its checksum.</summary>
    public void Write(Span<byte> sector)
    {
        Debug.Assert(sector.Length >= MbrSector.Size);
        sector.Clear();
        "EFI PART"u8.CopyTo(sector);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], Revision);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(sector[24..], MyLba);
        BinaryPrimitives.WriteInt64LittleEndian(sector[32..], AlternateLba);
        BinaryPrimitives.WriteInt64LittleEndian(sector[40..], FirstUsableLba);
        BinaryPrimitives.WriteInt64LittleEndian(sector[48..], LastUsableLba);
        DiskGuid.TryWriteBytes(sector[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(sector[72..], EntriesLba);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[80..], (uint)EntryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[84..], (uint)EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[88..], EntriesCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[CrcOffset..], Crc32.HashToUInt32(sector[..Size]));
    }
}
