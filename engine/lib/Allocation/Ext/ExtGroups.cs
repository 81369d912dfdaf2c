using System.Collections;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>Reads what is used of a group, and checks all that its records say of it against each other.</summary>
internal sealed class ExtGroups
{
    private const int BlockBitmaps = 0;
    private const int InodeBitmaps = 1;
    private const int InodeTables = 2;
    private const int Others = 3;

    private readonly ExtGeometry geometry;
    private readonly ExtBlocks blocks;
    private readonly ExtGroupTable table;
    private readonly ExtMetadata metadata = new();
    private readonly ExtBitmap layout;
    private readonly ExtBitmap before;

    // Groups that hold nothing but the layout, whether or not their bitmap was ever written: it isn't read again.
    private readonly BitArray isBare;

    /// <param name="geometry">The file system's.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="others">Runs of blocks that are used as well: the journal's.</param>
    /// <exception cref="AllocationException">Descriptors contradict each other, or can't be read.</exception>
    public ExtGroups(ExtGeometry geometry, ExtBlocks blocks, IEnumerable<(long Start, long Count)> others)
    {
        this.geometry = geometry;
        this.blocks = blocks;
        table = new ExtGroupTable(geometry, blocks);
        layout = new ExtBitmap(geometry.BlockSize);
        before = new ExtBitmap(geometry.BlockSize);
        isBare = new BitArray((int)geometry.GroupCount);
        for (var group = 0L; group < geometry.GroupCount; group++)
        {
            var descriptor = table.Read(group);
            Add(BlockBitmaps, descriptor.BlockBitmap, 1, group);
            Add(InodeBitmaps, descriptor.InodeBitmap, 1, group);
            Add(InodeTables, descriptor.InodeTable, geometry.InodeTableBlocks, group);
        }

        if (geometry.MmpBlock > 0)
        {
            metadata.Add(Others, geometry.MmpBlock, 1);
        }

        foreach (var (start, count) in others)
        {
            metadata.Add(Others, start, count);
        }

        metadata.Seal();
    }

    /// <summary>Reads a group.</summary>
    /// <returns>How many of its clusters are free.</returns>
    /// <exception cref="AllocationException">A checksum is wrong, or what is said of the group in two places doesn't agree.</exception>
    public int Load(long group, ExtBitmap bitmap)
    {
        var descriptor = table.Read(group);
        bitmap.Clear(geometry.GroupClusters(group));
        if (descriptor.IsUninitialized || isBare[(int)group])
        {
            SetLayout(group, bitmap);
        }
        else
        {
            ReadBitmap(descriptor, bitmap);
            Compare(group, bitmap);
        }

        var free = bitmap.CountFree();
        if (free != descriptor.FreeClusters)
        {
            throw new AllocationException($"group {group} says that {descriptor.FreeClusters} are free, and its bitmap has {free}");
        }

        if (!blocks.IsChanged(descriptor.BlockBitmap))
        {
            return free;
        }

        AddDisk(descriptor, bitmap);
        return bitmap.CountFree();
    }

    /// <summary>
    /// Adds what was used before the replay, so that no block is called free which a reader finds used that doesn't replay.
    /// What the disk has may be from the midst of a change, and is held against nothing.
    /// </summary>
    private void AddDisk(in ExtGroup descriptor, ExtBitmap bitmap)
    {
        if (table.WasUninitialized(descriptor.Number))
        {
            return;
        }

        before.Clear(bitmap.Count);
        blocks.ReadDisk(descriptor.BlockBitmap, 0, before.Bytes);
        bitmap.Add(before);
    }

    private void Compare(long group, ExtBitmap bitmap)
    {
        layout.Clear(bitmap.Count);
        SetLayout(group, layout);
        if (!bitmap.Contains(layout))
        {
            throw new AllocationException($"the bitmap of group {group} calls blocks free that hold its own records");
        }

        isBare[(int)group] = layout.Contains(bitmap);
    }

    private void ReadBitmap(in ExtGroup descriptor, ExtBitmap bitmap)
    {
        blocks.Read(descriptor.BlockBitmap, 0, bitmap.Bytes);
        if (!geometry.Features.HasMetadataChecksums)
        {
            return;
        }

        var checksum = Crc32C.Append(geometry.ChecksumSeed, bitmap.Bytes[..(int)(geometry.ClustersPerGroup / 8)]);
        if ((descriptor.HasWholeChecksum ? checksum : (ushort)checksum) != descriptor.BitmapChecksum)
        {
            throw new AllocationException($"the checksum of the bitmap of group {descriptor.Number} is wrong");
        }
    }

    /// <summary>Makes used what the layout takes.</summary>
    private void SetLayout(long group, ExtBitmap bitmap)
    {
        var (start, end) = (geometry.GroupStart(group), geometry.GroupEnd(group));
        var (first, count) = table.BaseOf(group);
        Set(bitmap, first - start, Math.Min(first + count, end) - start);
        foreach (var run in metadata.Within(start, end))
        {
            Set(bitmap, run.Start - start, run.End - start);
        }
    }

    private void Set(ExtBitmap bitmap, long start, long end)
    {
        if (start < end)
        {
            bitmap.Set((int)(start >> geometry.LogClusterRatio), (int)((end - 1) >> geometry.LogClusterRatio) + 1);
        }
    }

    private void Add(int kind, long start, long count, long group)
    {
        var (first, end) = geometry.Features.HasFlexibleGroups
            ? (geometry.FirstDataBlock, geometry.BlockCount)
            : (geometry.GroupStart(group), geometry.GroupEnd(group));
        if (start < first || start > end - count)
        {
            throw new AllocationException($"group {group} has its bitmaps or inodes at block {start}, where they can't be");
        }

        metadata.Add(kind, start, count);
    }
}
