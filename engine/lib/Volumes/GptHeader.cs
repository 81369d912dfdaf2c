using System.Buffers.Binary;
using System.IO.Hashing;

namespace Tidemark.Engine.Volumes;

/// <summary>A GPT header (UEFI specification 2.10, table 5.5). Addresses are in sectors.</summary>
internal readonly record struct GptHeader(
    long MyLba, long AlternateLba, Guid DiskGuid, long EntriesLba, int EntryCount, int EntrySize, uint EntriesCrc)
{
    /// <summary>Bytes of the header that are defined; the rest of its sector is reserved.</summary>
    public const int Size = 92;

    /// <summary>
    /// Bytes of the entry array at most. The usual array has 128 entries of 128 bytes; this is 64 times that.
    /// </summary>
    public const int MaxTableSize = 1 << 20;

    private const int MinEntrySize = 128;
    private const int CrcOffset = 16;

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
            myLba, alternateLba, new Guid(sector.Slice(56, 16)), entriesLba, (int)entryCount, (int)entrySize,
            BinaryPrimitives.ReadUInt32LittleEndian(sector[88..]));
    }
}
