namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// Where group descriptors and the copies of the superblock lie, and what they take of each group (Linux, fs/ext4/super.c,
/// descriptor_loc; fs/ext4/balloc.c, ext4_num_base_meta_clusters).
/// </summary>
internal sealed class ExtGroupTable(ExtGeometry geometry, ExtBlocks blocks)
{
    /// <summary>Reads a group's descriptor.</summary>
    /// <exception cref="AllocationException">Its checksum is wrong, or it can't be read.</exception>
    public ExtGroup Read(long group)
    {
        Span<byte> buffer = stackalloc byte[ExtGroup.MaxSize];
        var descriptor = buffer[..geometry.DescriptorSize];
        blocks.Read(BlockOf(group / geometry.DescriptorsPerBlock), OffsetOf(group), descriptor);
        return ExtGroup.Read(descriptor, group, geometry);
    }

    /// <summary>The same as it stands on the disk, whatever the journal has.</summary>
    /// <exception cref="AllocationException">Its checksum is wrong, or it can't be read.</exception>
    public ExtGroup ReadDisk(long group)
    {
        Span<byte> buffer = stackalloc byte[ExtGroup.MaxSize];
        var descriptor = buffer[..geometry.DescriptorSize];
        blocks.ReadDisk(BlockOf(group / geometry.DescriptorsPerBlock), OffsetOf(group), descriptor);
        return ExtGroup.Read(descriptor, group, geometry);
    }

    /// <summary>Whether a group's bitmap was never written to the disk, by a descriptor there that holds.</summary>
    public bool WasUninitialized(long group)
    {
        try
        {
            return ReadDisk(group).IsUninitialized;
        }
        catch (AllocationException)
        {
            return false;
        }
    }

    /// <summary>Where a block of descriptors lies: one behind the other at the start, or with the groups it speaks of.</summary>
    public long BlockOf(long index)
    {
        if (IsTogether(index))
        {
            return geometry.SuperblockBlock + 1 + index;
        }

        var group = index * geometry.DescriptorsPerBlock;
        return SuperblockOf(group) + (HasSuperblock(group) ? 1 : 0);
    }

    /// <summary>The blocks at a group's start that superblock and descriptors take, with the room into which these grow.</summary>
    public (long Start, long Count) BaseOf(long group)
    {
        var hasSuperblock = HasSuperblock(group);
        var metaGroup = group / geometry.DescriptorsPerBlock;
        long count = hasSuperblock ? 1 : 0;
        if (IsTogether(metaGroup))
        {
            count += !hasSuperblock ? 0
                : geometry.Features.HasMetaBlockGroups ? geometry.FirstMetaBlockGroup
                : geometry.DescriptorBlocks + geometry.ReservedDescriptorBlocks;
        }
        else
        {
            var within = group % geometry.DescriptorsPerBlock;
            count += within <= 1 || within == geometry.DescriptorsPerBlock - 1 ? 1 : 0;
        }

        return (SuperblockOf(group), count);
    }

    private int OffsetOf(long group) => (int)(group % geometry.DescriptorsPerBlock) * geometry.DescriptorSize;

    private bool IsTogether(long index) => !geometry.Features.HasMetaBlockGroups || index < geometry.FirstMetaBlockGroup;

    // The first group of a file system with bigalloc may begin with the boot sector's block.
    private long SuperblockOf(long group) => Math.Max(geometry.GroupStart(group), geometry.SuperblockBlock);

    private bool HasSuperblock(long group)
    {
        if (group == 0)
        {
            return true;
        }

        if (geometry.Features.HasSparseSuper2)
        {
            return group == geometry.BackupGroups.First || group == geometry.BackupGroups.Second;
        }

        return group == 1 || !geometry.Features.HasSparseSuper || IsPower(group, 3) || IsPower(group, 5) || IsPower(group, 7);
    }

    private static bool IsPower(long number, long root)
    {
        while (number % root == 0)
        {
            number /= root;
        }

        return number == 1;
    }
}
