using Tidemark.Engine.Allocation.Ext.Journal;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// What is used of ext2, ext3 and ext4, by the block bitmaps of its groups. One group is in memory at a time; those whose bitmap
/// was never written are computed.
/// </summary>
internal sealed class ExtMap : AllocationMap
{
    private readonly ExtGeometry geometry;
    private readonly ExtGroups groups;
    private readonly ExtBitmap bitmap;
    private long loaded = -1;

    private ExtMap(ExtGeometry geometry, ExtGroups groups)
    {
        this.geometry = geometry;
        this.groups = groups;
        bitmap = new ExtBitmap(geometry.BlockSize);
        UsedBytes = Length - Check();
    }

    public override string FileSystem => geometry.Type;

    public override long Length => geometry.BlockCount * geometry.BlockSize;

    public override long UsedBytes { get; }

    /// <summary>Opens the map of a volume; null where it has no ext.</summary>
    /// <exception cref="AllocationException">It has, and what it says isn't to be believed.</exception>
    public static ExtMap? TryOpen(AllocationSource volume)
    {
        if (volume.Length < ExtGeometry.SuperblockAt + ExtGeometry.SuperblockSize)
        {
            return null;
        }

        var superblock = new byte[ExtGeometry.SuperblockSize];
        volume.Read(ExtGeometry.SuperblockAt, superblock);
        if (ExtGeometry.TryRead(superblock, volume.Length) is not { } geometry)
        {
            return null;
        }

        var blocks = new ExtBlocks(volume, geometry.BlockSize);
        var (recovered, journal) = JournalReplay.Run(geometry, blocks, volume.Length);
        return new ExtMap(recovered, new ExtGroups(recovered, blocks, journal));
    }

    protected override AllocationExtent Find(long offset)
    {
        var block = offset / geometry.BlockSize;
        if (block < geometry.FirstDataBlock)
        {
            return new AllocationExtent(offset, (geometry.FirstDataBlock * geometry.BlockSize) - offset, AllocationState.Used);
        }

        var group = (block - geometry.FirstDataBlock) / geometry.BlocksPerGroup;
        if (group != loaded)
        {
            loaded = -1;
            groups.Load(group, bitmap);
            loaded = group;
        }

        var start = geometry.GroupStart(group);
        var bit = (int)((block - start) >> geometry.LogClusterRatio);
        var end = Math.Min(start + ((long)bitmap.EndOfRun(bit) << geometry.LogClusterRatio), geometry.GroupEnd(group));
        return new AllocationExtent(offset, (end * geometry.BlockSize) - offset, bitmap.IsUsed(bit) ? AllocationState.Used : AllocationState.Free);
    }

    /// <summary>
    /// Reads all groups; gives the bytes that are free. The superblock's own count is written when the file system is unmounted
    /// or frozen, and lags until then.
    /// </summary>
    private long Check()
    {
        var clusters = 0L;
        for (var group = 0L; group < geometry.GroupCount; group++)
        {
            clusters += groups.Load(group, bitmap);
        }

        var blocks = clusters << geometry.LogClusterRatio;
        if (!geometry.Features.NeedsRecovery && blocks != geometry.FreeBlocks)
        {
            throw new AllocationException($"its superblock says that {geometry.FreeBlocks} blocks are free, and its groups that {blocks} are");
        }

        // The last bitmap is still there. Its last cluster may reach past the end.
        var over = geometry.GroupStart(geometry.GroupCount - 1) + ((long)bitmap.Count << geometry.LogClusterRatio) - geometry.BlockCount;
        return (blocks - (bitmap.IsUsed(bitmap.Count - 1) ? 0 : over)) * geometry.BlockSize;
    }
}
