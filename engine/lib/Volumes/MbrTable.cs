namespace Tidemark.Engine.Volumes;

/// <summary>Reads a disk's MBR with its chain of extended boot records.</summary>
internal static class MbrTable
{
    /// <summary>Logical partitions at most: twice what Linux itself reads. A chain that is longer, or loops, is cut.</summary>
    private const int MaxLogical = 128;

    private const int FirstLogicalNumber = 5;

    /// <summary>
    /// Makes the table of an MBR, or null where its entries can't be a table. An entry that means no place on the disk is
    /// odd, and the others hold; where none is good, the sector has to look like a table. A table without partitions counts
    /// only with a signature. The sector is the device's: an MBR doesn't say which it counts in.
    /// </summary>
    public static PartitionTable? TryRead(VolumeView disk, MbrSector mbr)
    {
        var sectorSize = disk.SectorSize;
        var sectors = disk.Length / sectorSize;
        var partitions = new List<Partition>();
        var odd = new List<OddEntry>();
        var extended = default(MbrEntry);
        for (var i = 0; i < mbr.Entries.Count; i++)
        {
            var entry = mbr.Entries[i];
            if (WhyOdd(entry, entry.FirstSector, sectors) is { } reason)
            {
                odd.Add(new OddEntry(i + 1, reason));
            }
            else if (entry.IsUsed)
            {
                partitions.Add(Make(i + 1, entry.FirstSector, entry, sectorSize));
                extended = entry.IsExtended && !extended.IsUsed ? entry : extended;
            }
        }

        if (!IsTable(mbr, partitions, odd, disk.Length))
        {
            return null;
        }

        // As Linux does, only the first extended partition is followed.
        if (extended.IsUsed)
        {
            ReadLogical(disk, extended, sectorSize, partitions, odd);
        }

        var diskId = mbr.DiskSignature.ToString("x8");
        return new PartitionTable(PartitionScheme.Mbr, KnownId.IsId(diskId) ? diskId : null, sectorSize, partitions) { Odd = odd };
    }

    private static string? WhyOdd(MbrEntry entry, long first, long sectors) =>
        !entry.HasStatus ? $"has the status 0x{entry.Status:x2}, which no entry has"
        : !entry.IsUsed ? null
        : first == 0 ? "begins at sector 0, where the table itself is"
        : first >= sectors ? $"begins at sector {first}, and the disk has {sectors}"
        : null;

    /// <summary>
    /// Whether a sector is a partition table in spite of what is odd in it. Boot code in the place of entries is odd as a
    /// rule: so where an entry has no possible status, all others are unused or lie whole on the disk, and where no entry is
    /// good, one at least is blank.
    /// </summary>
    private static bool IsTable(MbrSector mbr, List<Partition> partitions, List<OddEntry> odd, long length)
    {
        if (mbr.Entries.Any(entry => !entry.HasStatus))
        {
            return odd.Count == 1 && partitions.Count > 0 && partitions.All(p => p.Length <= length - p.Offset);
        }

        return partitions.Count > 0
            || (mbr.DiskSignature != 0 && (odd.Count == 0 || mbr.Entries.Any(entry => entry == default)));
    }

    private static void ReadLogical(
        VolumeView disk, MbrEntry extended, int sectorSize, List<Partition> partitions, List<OddEntry> odd)
    {
        var sector = new byte[MbrSector.Size];
        var seen = new HashSet<long>();
        var start = (long)extended.FirstSector;
        var end = start + extended.SectorCount;
        var at = start;
        var number = FirstLogicalNumber;
        while (seen.Count < MaxLogical && at >= start && at < end && seen.Add(at)
            && disk.TryRead(at * sectorSize, sector) && MbrSector.TryRead(sector) is { } ebr
            && ebr.Entries.All(entry => entry.HasStatus))
        {
            // A record has one partition, which counts from the record, and one link, which counts from the
            // extended partition's start.
            var logical = ebr.Entries.FirstOrDefault(entry => entry.IsUsed && !entry.IsExtended);
            if (logical.IsUsed && WhyOdd(logical, logical.FirstSector == 0 ? 0 : at + logical.FirstSector, disk.Length / sectorSize) is { } reason)
            {
                odd.Add(new OddEntry(number++, reason));
            }
            else if (logical.IsUsed)
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
