using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>
/// What the file allocation table of FAT12, FAT16 or FAT32 says. All before the first cluster is used, bad clusters too; the free
/// space that FAT32's FSInfo sector tells of is a hint that nobody has to keep, and isn't looked at.
/// </summary>
internal sealed class FatMap : AllocationMap
{
    private const int BootSectorSize = 512;

    /// <summary>In a boot sector's state: mounted, or not without an error.</summary>
    private const byte UncleanState = 3;

    private readonly FatBootSector boot;
    private readonly FatTable table;

    private FatMap(FatBootSector boot, FatTable table, long free)
    {
        this.boot = boot;
        this.table = table;
        UsedBytes = Length - (free * boot.ClusterSize);
    }

    public override string FileSystem => boot.Type;

    public override long Length => boot.DataOffset + (boot.Clusters * boot.ClusterSize);

    public override long UsedBytes { get; }

    /// <summary>The map of a volume; null where it isn't FAT.</summary>
    /// <exception cref="AllocationException">It is, and its table isn't to be believed.</exception>
    public static FatMap? TryOpen(AllocationSource volume)
    {
        if (TryReadBoot(volume) is not { } boot)
        {
            return null;
        }

        var table = Open(volume, boot);
        var checks = new FatChecks(table);
        var free = checks.AddLinks();
        new FatFolders(volume, boot, table).Check(checks);
        checks.CheckReached();
        return new FatMap(boot, table, free);
    }

    /// <summary>The boot sector of a volume; null where it isn't FAT's.</summary>
    public static FatBootSector? TryReadBoot(AllocationSource volume)
    {
        Span<byte> sector = stackalloc byte[BootSectorSize];
        if (volume.Length < BootSectorSize)
        {
            return null;
        }

        volume.Read(0, sector);
        return FatBootSector.TryRead(sector);
    }

    /// <summary>The first table, which the others equal.</summary>
    /// <exception cref="AllocationException">The volume isn't clean, or what it says of itself contradicts itself.</exception>
    public static FatTable Open(AllocationSource volume, FatBootSector boot)
    {
        if (boot.Length > volume.Length)
        {
            throw new AllocationException("it is cut off: by its boot sector it is larger than what it lies on");
        }

        if (boot.Version != 0)
        {
            throw new AllocationException($"it is of version {boot.Version >> 8}.{boot.Version & 0xFF} of FAT32, which isn't known");
        }

        if (!boot.IsMirrored)
        {
            throw new AllocationException("only one of its tables is kept, and not every system knows which");
        }

        var table = new FatTable(volume, boot, 0);
        if (table.Bytes > boot.TableLength || table.BadMark < table.End)
        {
            throw new AllocationException("its tables are too small for its clusters");
        }

        CheckState(boot, table);
        for (var i = 1; i < boot.Tables; i++)
        {
            table.CheckSame(new FatTable(volume, boot, i));
        }

        return table;
    }

    protected override AllocationExtent Find(long offset)
    {
        if (offset < boot.DataOffset)
        {
            return new AllocationExtent(offset, boot.DataOffset - offset, AllocationState.Used);
        }

        var (isFree, end) = table.RunAt(((offset - boot.DataOffset) / boot.ClusterSize) + FatTable.FirstCluster);
        return new AllocationExtent(
            offset, boot.DataOffset + ((end - FatTable.FirstCluster) * boot.ClusterSize) - offset, isFree ? AllocationState.Free : AllocationState.Used);
    }

    // The entry of cluster 1 has two bits that systems clear while the volume is mounted, and after an error; FAT12 has none.
    private static void CheckState(FatBootSector boot, FatTable table)
    {
        var clean = boot.Type switch { "fat16" => 0xC000u, "fat32" => 0x0C00_0000u, _ => 0u };
        if (table[0] == 0 || (byte)table[0] != boot.Media)
        {
            throw new AllocationException("its table doesn't begin as one");
        }

        if ((table[1] & clean) != clean || (boot.State & UncleanState) != 0)
        {
            throw new AllocationException("it is marked as not cleanly unmounted, or with errors");
        }
    }
}
