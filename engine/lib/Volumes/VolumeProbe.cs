namespace Tidemark.Engine.Volumes;

/// <summary>Finds out what a range of a device holds: a file system, or a partition table.</summary>
internal static class VolumeProbe
{
    /// <summary>What the volume holds by its superblock; null where nothing is recognised.</summary>
    public static VolumeContent? TryReadContent(VolumeView volume) =>
        LuksHeader.TryRead(volume)
        ?? LvmLabel.TryRead(volume)
        ?? BootSectorContent(volume)
        ?? XfsSuperblock.TryRead(volume)
        ?? ExtSuperblock.TryRead(volume)
        ?? BtrfsSuperblock.TryRead(volume)
        ?? SwapHeader.TryRead(volume);

    /// <summary>
    /// The disk's partition table; null where there is none. A boot sector of a file system isn't one, though it ends
    /// in the same two bytes. A table that has partitions counts more than a superblock left over behind it; one
    /// that has none counts less.
    /// </summary>
    public static PartitionTable? TryReadTable(VolumeView disk)
    {
        Span<byte> sector = stackalloc byte[MbrSector.Size];
        if (!disk.TryRead(0, sector) || MbrSector.TryRead(sector) is not { } mbr)
        {
            return null;
        }

        // Without its protective MBR a GPT is a leftover of an earlier use of the disk.
        if (mbr.IsProtective && GptTable.TryRead(disk) is { } gpt)
        {
            return gpt;
        }

        if (BootSectorContent(disk) is not null || MbrTable.TryRead(disk, mbr) is not { } table)
        {
            return null;
        }

        return table.Partitions.Count > 0 || TryReadContent(disk) is null ? table : null;
    }

    private static VolumeContent? BootSectorContent(VolumeView volume) =>
        NtfsBootSector.TryRead(volume) ?? ExfatBootSector.TryRead(volume) ?? FatBootSector.TryRead(volume);
}
