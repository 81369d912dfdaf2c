using System.IO.Hashing;

namespace Tidemark.Engine.Volumes;

/// <summary>Finds and reads a disk's GPT: the primary behind the protective MBR, or the copy in the last sector.</summary>
internal static class GptTable
{
    public const int LargestSector = 4096;

    /// <summary>
    /// Reads the table, or null where there is none. Disks in files don't tell their sector, so the device's own is
    /// tried first and then the other of 512 and 4096. The caller has seen the protective MBR.
    /// </summary>
    public static PartitionTable? TryRead(VolumeView disk) =>
        TryReadParts(disk) is { } parts
            ? TableOf(parts) with { FromBackup = parts.Header.MyLba != 1 }
            : null;

    /// <summary>The same with header and entries as they are; null where there is no table.</summary>
    public static GptParts? TryReadParts(VolumeView disk)
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
                return backup;
            }
        }

        return null;
    }

    /// <summary>The table whose header stands in a certain sector; null where there is none.</summary>
    public static GptParts? TryReadAt(VolumeView disk, long lba, int sectorSize)
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

        var entries = new byte[header.TableSize];
        return disk.TryRead(header.EntriesLba * sectorSize, entries) && Crc32.HashToUInt32(entries) == header.EntriesCrc
            ? new GptParts(header, entries, sectorSize)
            : null;
    }

    private static PartitionTable TableOf(GptParts parts)
    {
        var (header, sectorSize) = (parts.Header, parts.SectorSize);
        var partitions = parts.Used().Select(used => new Partition(
            used.Index + 1, used.Entry.FirstLba * sectorSize, (used.Entry.LastLba - used.Entry.FirstLba + 1) * sectorSize,
            used.Entry.Type.ToString("D"), KnownId.IsId(used.Entry.UniqueId) ? used.Entry.UniqueId : null, used.Entry.Name)).ToList();
        var diskId = KnownId.IsId(header.DiskGuid) ? header.DiskGuid.ToString("D") : null;
        return new PartitionTable(PartitionScheme.Gpt, diskId, sectorSize, partitions) { Odd = [.. parts.Odd()] };
    }
}
