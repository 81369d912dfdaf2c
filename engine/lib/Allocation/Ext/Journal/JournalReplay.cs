namespace Tidemark.Engine.Allocation.Ext.Journal;

/// <summary>Recovery of an ext file system in memory: what is to be read of its records is read as a replay would leave it.</summary>
internal static class JournalReplay
{
    private const int AnyKind = 0;

    /// <summary>
    /// Looks at the journal, and has <paramref name="blocks"/> go by it where it has to be replayed.
    /// </summary>
    /// <param name="geometry">By the superblock as it stands on the disk.</param>
    /// <param name="blocks">Without an overlay yet.</param>
    /// <param name="volumeLength">Bytes of the volume.</param>
    /// <returns>The geometry after recovery, and the journal's blocks, of which there are none where it isn't here.</returns>
    /// <exception cref="AllocationException">It can't be said what recovery would do, or recovery would fail.</exception>
    public static (ExtGeometry Geometry, IEnumerable<(long Start, long Count)> Journal) Run(ExtGeometry geometry, ExtBlocks blocks, long volumeLength)
    {
        var needsRecovery = geometry.Features.NeedsRecovery;
        if (!geometry.Features.HasJournal || geometry.JournalInode == 0 || geometry.JournalDevice != 0)
        {
            return needsRecovery ? throw new AllocationException("its journal has to be replayed and isn't here") : (geometry, []);
        }

        var file = ExtInode.ReadJournal(geometry, blocks);
        Span<byte> start = stackalloc byte[JournalSuperblock.Size];
        blocks.ReadDisk(file.BlockOf(0), 0, start);
        var journal = JournalSuperblock.Read(start, geometry.BlockSize, file.BlockCount);
        if (!needsRecovery)
        {
            return journal.Start == 0
                ? (geometry, file.Runs)
                : throw new AllocationException("its journal has something to be replayed, and its superblock says that there is nothing");
        }

        var log = new JournalLog(blocks, file, journal);
        blocks.Overlay = new JournalOverlay();
        log.Collect(block => block == geometry.SuperblockBlock, blocks.Overlay);
        var recovered = ReadSuperblock(geometry, blocks, volumeLength);
        log.Collect(Descriptors(recovered, blocks).Contains, blocks.Overlay);
        log.Collect(Bitmaps(recovered, blocks).Contains, blocks.Overlay);
        return (recovered, file.Runs);
    }

    /// <summary>The superblock may be in the journal as well: an online resize changes it.</summary>
    private static ExtGeometry ReadSuperblock(ExtGeometry geometry, ExtBlocks blocks, long volumeLength)
    {
        var superblock = new byte[ExtGeometry.SuperblockSize];
        blocks.Read(geometry.SuperblockBlock, (int)(ExtGeometry.SuperblockAt - (geometry.SuperblockBlock * geometry.BlockSize)), superblock);
        var recovered = ExtGeometry.TryRead(superblock, volumeLength);
        return recovered is not null && recovered.BlockSize == geometry.BlockSize && recovered.Uuid.SequenceEqual(geometry.Uuid)
            ? recovered
            : throw new AllocationException("its journal has the superblock of another file system");
    }

    private static ExtMetadata Descriptors(ExtGeometry geometry, ExtBlocks blocks)
    {
        var table = new ExtGroupTable(geometry, blocks);
        var found = new ExtMetadata();
        for (var index = 0L; index < geometry.DescriptorBlocks; index++)
        {
            found.Add(AnyKind, table.BlockOf(index), 1);
        }

        found.Seal();
        return found;
    }

    private static ExtMetadata Bitmaps(ExtGeometry geometry, ExtBlocks blocks)
    {
        var table = new ExtGroupTable(geometry, blocks);
        var found = new ExtMetadata();
        for (var group = 0L; group < geometry.GroupCount; group++)
        {
            found.Add(AnyKind, table.Read(group).BlockBitmap, 1);
        }

        found.Seal();
        return found;
    }
}
