using System.IO.Hashing;

namespace Tidemark.Engine.Volumes;

/// <summary>Finds and reads a disk's GPT: the primary behind the protective MBR, or the copy in the last sector.</summary>
internal static class GptTable
{
    private const int LargestSector = 4096;

    /// <summary>
    /// Reads the table, or null where there is none. Disks in files don't tell their sector, so the device's own is
    /// tried first and then the other of 512 and 4096. The caller has seen the protective MBR.
    /// </summary>
    public static PartitionTable? TryRead(VolumeView disk)
    {
        var own = disk.SectorSize is 512 or LargestSector ? disk.SectorSize : 512;
        int[] sectors = [own, own == 512 ? LargestSector : 512];
        foreach (var sectorSize in sectors)
        {
            if (TryReadAt(disk, 1, sectorSize) is { } primary)
            {
                return primary;
            }
        }

        foreach (var sectorSize in sectors)
        {
            if (TryReadAt(disk, (disk.Length / sectorSize) - 1, sectorSize) is { } backup)
            {
                return backup with { FromBackup = true };
            }
        }

        return null;
    }

    private static PartitionTable? TryReadAt(VolumeView disk, long lba, int sectorSize)
    {
        Span<byte> sector = stackalloc byte[LargestSector];
        sector = sector[..sectorSize];

        // A header says where it stands, which tells a disk's own from one inside a disk image kept at that place.
        if (lba < 1 || !disk.TryRead(lba * sectorSize, sector)
            || GptHeader.TryRead(sector) is not { } header || header.MyLba != lba
            || header.EntriesLba > disk.Length / sectorSize)
        {
            return null;
        }

        var entries = new byte[header.EntryCount * header.EntrySize];
        if (!disk.TryRead(header.EntriesLba * sectorSize, entries) || Crc32.HashToUInt32(entries) != header.EntriesCrc)
        {
            return null;
        }

        var maxLba = long.MaxValue / sectorSize;
        var partitions = new List<Partition>();
        for (var i = 0; i < header.EntryCount; i++)
        {
            if (GptEntry.TryRead(entries.AsSpan(i * header.EntrySize, header.EntrySize)) is { } entry
                && entry.LastLba < maxLba)
            {
                partitions.Add(new Partition(
                    i + 1, entry.FirstLba * sectorSize, (entry.LastLba - entry.FirstLba + 1) * sectorSize,
                    entry.Type.ToString("D"), entry.UniqueId == Guid.Empty ? null : entry.UniqueId, entry.Name));
            }
        }

        var diskId = header.DiskGuid == Guid.Empty ? null : header.DiskGuid.ToString("D");
        return new PartitionTable(PartitionScheme.Gpt, diskId, sectorSize, partitions);
    }
}
