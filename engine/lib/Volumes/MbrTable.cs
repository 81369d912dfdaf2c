namespace Tidemark.Engine.Volumes;

/// <summary>Reads a disk's MBR with its chain of extended boot records.</summary>
internal static class MbrTable
{
    /// <summary>Logical partitions at most: twice what Linux itself reads. A chain that is longer, or loops, is cut.</summary>
    private const int MaxLogical = 128;

    private const int FirstLogicalNumber = 5;

    /// <summary>
    /// Makes the table of an MBR, or null where its entries lie outside the disk. A table without partitions counts
    /// only with a signature. The sector is the device's: an MBR doesn't say which it counts in.
    /// </summary>
    public static PartitionTable? TryRead(VolumeView disk, MbrSector mbr)
    {
        var sectorSize = disk.SectorSize;
        var sectors = disk.Length / sectorSize;
        if (mbr.Entries.Any(entry => entry.IsUsed && (entry.FirstSector == 0 || entry.FirstSector >= sectors))
            || (mbr.DiskSignature == 0 && !mbr.Entries.Any(entry => entry.IsUsed)))
        {
            return null;
        }

        var partitions = new List<Partition>();
        for (var i = 0; i < mbr.Entries.Count; i++)
        {
            var entry = mbr.Entries[i];
            if (entry.IsUsed)
            {
                partitions.Add(Make(i + 1, entry.FirstSector, entry, sectorSize));
            }
        }

        // As Linux does, only the first extended partition is followed.
        var extended = mbr.Entries.FirstOrDefault(entry => entry.IsUsed && entry.IsExtended);
        if (extended.IsUsed)
        {
            ReadLogical(disk, extended, sectorSize, partitions);
        }

        var diskId = mbr.DiskSignature == 0 ? null : mbr.DiskSignature.ToString("x8");
        return new PartitionTable(PartitionScheme.Mbr, diskId, sectorSize, partitions);
    }

    private static void ReadLogical(VolumeView disk, MbrEntry extended, int sectorSize, List<Partition> partitions)
    {
        var sector = new byte[MbrSector.Size];
        var seen = new HashSet<long>();
        var start = (long)extended.FirstSector;
        var end = start + extended.SectorCount;
        var at = start;
        var number = FirstLogicalNumber;
        while (seen.Count < MaxLogical && at >= start && at < end && seen.Add(at)
            && disk.TryRead(at * sectorSize, sector) && MbrSector.TryRead(sector) is { } ebr)
        {
            // A record has one partition, which counts from the record, and one link, which counts from the
            // extended partition's start.
            var logical = ebr.Entries.FirstOrDefault(entry => entry.IsUsed && !entry.IsExtended);
            if (logical.IsUsed && at + logical.FirstSector < disk.Length / sectorSize)
            {
                partitions.Add(Make(number++, at + logical.FirstSector, logical, sectorSize));
            }

            var link = ebr.Entries.FirstOrDefault(entry => entry.IsUsed && entry.IsExtended);
            at = link.IsUsed ? start + link.FirstSector : 0;
        }
    }

    private static Partition Make(int number, long first, MbrEntry entry, int sectorSize) =>
        new(number, first * sectorSize, (long)entry.SectorCount * sectorSize, $"0x{entry.Type:x2}", null, null);
}
