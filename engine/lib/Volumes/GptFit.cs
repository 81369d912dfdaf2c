using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Rewrites a GPT for a disk of another size, or one with another sector: what has to be put in place of the bytes that
/// were copied (UEFI specification 2.10, sections 5.2.3 and 5.3). Pure data; partitions stay where they are.
/// </summary>
internal static class GptFit
{
    private const int EntriesOffset = 0x1BE;
    private const int EntrySize = 16;
    private const int EntryCount = 4;

    /// <summary>Bytes that the table takes at the end of a disk: the copy of its entries, and of its header.</summary>
    public static long TailBytes(GptParts table, int sectorSize) => Round(table.Header.TableSize, sectorSize) + sectorSize;

    /// <summary>Bytes that the table takes at the start of a disk: the MBR, the header and the entries.</summary>
    public static long HeadBytes(GptParts table, int sectorSize) => Round(table.Header.TableSize, sectorSize) + (2L * sectorSize);

    /// <summary>Whether a disk has room for the table beside the partitions.</summary>
    /// <param name="table">The table as it was.</param>
    /// <param name="length">Bytes of the new disk.</param>
    /// <param name="sectorSize">Bytes of its sector.</param>
    public static bool HasRoom(GptParts table, long length, int sectorSize)
    {
        var tail = length - TailBytes(table, sectorSize);
        var stays = table.Header.MyLba == 1 && sectorSize == table.SectorSize;
        return tail >= HeadBytes(table, sectorSize)
            && Partitions(table).All(partition => partition.End <= tail && (stays || partition.First >= HeadBytes(table, sectorSize)))
            && (!stays || (table.Header.EntriesLba * sectorSize) + table.Header.TableSize <= tail);
    }

    /// <summary>The edits, in the order in which they are to be made.</summary>
    /// <param name="disk">The disk as it was.</param>
    /// <param name="table">Its table. Every partition lies between the tables of the new disk, in whole sectors of it.</param>
    /// <param name="length">Bytes of the new disk.</param>
    /// <param name="sectorSize">Bytes of its sector, 512 or 4096.</param>
    public static IReadOnlyList<DiskEdit> Edits(VolumeView disk, GptParts table, long length, int sectorSize)
    {
        var edits = new List<DiskEdit>();
        var last = (length / sectorSize) - 1;
        var sectors = Round(table.Header.TableSize, sectorSize) / sectorSize;
        var moves = sectorSize != table.SectorSize;
        var fromPrimary = table.Header.MyLba == 1;
        var entries = moves ? Renumbered(table, sectorSize) : table.Entries;
        var primary = table.Header with
        {
            MyLba = 1,
            AlternateLba = last,
            FirstUsableLba = moves ? 2 + sectors : table.Header.FirstUsableLba,
            LastUsableLba = last - sectors - 1,
            EntriesLba = moves || !fromPrimary ? 2 : table.Header.EntriesLba,
            EntriesCrc = Crc32.HashToUInt32(entries),
        };
        WipeOldCopy(disk, table, length, edits);
        if (moves)
        {
            WipeOldTable(table, length, sectorSize, edits);
        }

        edits.Add(new DiskEdit((last - sectors) * sectorSize, Padded(entries, sectorSize)));
        edits.Add(new DiskEdit(
            last * sectorSize, Sector(primary with { MyLba = last, AlternateLba = 1, EntriesLba = last - sectors }, sectorSize)));
        if (moves || !fromPrimary)
        {
            edits.Add(new DiskEdit(primary.EntriesLba * sectorSize, Padded(entries, sectorSize)));
        }

        edits.Add(new DiskEdit(sectorSize, Sector(primary, sectorSize)));
        AddProtective(disk, last, edits);
        return edits;
    }

    /// <summary>Whether the MBR before the GPT has partitions of its own beside the protective one.</summary>
    public static bool IsHybrid(VolumeView disk)
    {
        var sector = new byte[MbrSector.Size];
        return disk.TryRead(0, sector) && MbrSector.TryRead(sector) is { } mbr && mbr.Entries.Count(entry => entry.IsUsed) > 1;
    }

    /// <summary>The copy at the old end would be taken for the disk's own by a tool that searches for one.</summary>
    private static void WipeOldCopy(VolumeView disk, GptParts table, long length, List<DiskEdit> edits)
    {
        var at = table.Header.MyLba == 1 ? table.Header.AlternateLba : table.Header.MyLba;
        if (GptTable.TryReadAt(disk, at, table.SectorSize) is not { } copy)
        {
            return;
        }

        Wipe(copy.Header.EntriesLba * copy.SectorSize, Round(copy.Header.TableSize, copy.SectorSize));
        Wipe(at * copy.SectorSize, copy.SectorSize);

        void Wipe(long offset, long bytes)
        {
            bytes = Math.Min(bytes, length - offset);
            if (bytes > 0 && !Partitions(table).Any(p => p.First < offset + bytes && p.End > offset))
            {
                edits.Add(new DiskEdit(offset, new byte[bytes]));
            }
        }
    }

    /// <summary>A header of the old sector size is wiped with its entries; the new ones lie over a part of them.</summary>
    private static void WipeOldTable(GptParts table, long length, int sectorSize, List<DiskEdit> edits)
    {
        var end = Math.Min(length, Math.Max(HeadBytes(table, table.SectorSize), HeadBytes(table, sectorSize)));
        foreach (var (first, _) in Partitions(table))
        {
            end = Math.Min(end, first);
        }

        edits.Add(new DiskEdit(MbrSector.Size, new byte[end - MbrSector.Size]));
    }

    /// <summary>A hybrid MBR's entry covers what lies before its own partitions, wherever the disk ends.</summary>
    private static void AddProtective(VolumeView disk, long last, List<DiskEdit> edits)
    {
        var sector = new byte[MbrSector.Size];
        if (IsHybrid(disk) || !disk.TryRead(0, sector))
        {
            return;
        }

        for (var i = 0; i < EntryCount; i++)
        {
            var at = EntriesOffset + (i * EntrySize);
            if (sector[at + 4] == MbrEntry.ProtectiveType)
            {
                var range = new byte[8];
                BinaryPrimitives.WriteUInt32LittleEndian(range, 1);
                BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(4), (uint)Math.Min(last, uint.MaxValue));
                edits.Add(new DiskEdit(at + 8, range));
                return;
            }
        }
    }

    private static byte[] Renumbered(GptParts table, int sectorSize)
    {
        var entries = table.Entries.ToArray();
        foreach (var (index, old) in table.Used())
        {
            var first = old.FirstLba * table.SectorSize;
            var end = (old.LastLba + 1) * table.SectorSize;
            Debug.Assert(first % sectorSize == 0 && end % sectorSize == 0);
            GptEntry.WriteRange(table.EntryAt(entries, index), first / sectorSize, (end / sectorSize) - 1);
        }

        return entries;
    }

    private static IEnumerable<(long First, long End)> Partitions(GptParts table) => table.Used().Select(
        used => (used.Entry.FirstLba * table.SectorSize, (used.Entry.LastLba + 1) * table.SectorSize));

    private static byte[] Sector(in GptHeader header, int sectorSize)
    {
        var sector = new byte[sectorSize];
        header.Write(sector);
        return sector;
    }

    private static byte[] Padded(byte[] entries, int sectorSize)
    {
        var padded = new byte[Round(entries.Length, sectorSize)];
        entries.CopyTo(padded, 0);
        return padded;
    }

    private static long Round(long bytes, int sectorSize) => (bytes + sectorSize - 1) / sectorSize * sectorSize;
}
