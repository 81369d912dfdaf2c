using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// Where the blocks of a file lie, for the one file that is read here, the journal: by an extent tree (Linux,
/// Documentation/filesystems/ext4/ifork.rst) or by the block map before it.
/// </summary>
internal sealed class ExtInode
{
    /// <summary>Bytes of i_block, which holds a map's direct blocks or a tree's root.</summary>
    public const int MapSize = 60;

    /// <summary>
    /// Runs at most, 1 MiB. An extent has up to 32768 blocks, and mke2fs makes a journal in one piece where it can.
    /// </summary>
    private const int MaxRuns = 1 << 16;

    /// <summary>Blocks at most: the largest journal of mke2fs has ten million.</summary>
    private const long MaxBlocks = 1 << 24;

    private const int DirectBlocks = 12;
    private const int Levels = 3;

    private const uint ExtentsFlag = 0x80000;
    private const ushort ExtentMagic = 0xF30A;
    private const int ExtentSize = 12;
    private const int MaxDepth = 5;

    /// <summary>A longer extent is one that was allocated and never written.</summary>
    private const int MaxExtent = 32768;

    private readonly ExtGeometry geometry;
    private readonly ExtBlocks blocks;
    private readonly List<Run> runs = [];

    private ExtInode(ExtGeometry geometry, ExtBlocks blocks, ReadOnlySpan<byte> map, long size)
    {
        this.geometry = geometry;
        this.blocks = blocks;
        BlockCount = (size + geometry.BlockSize - 1) / geometry.BlockSize;
        if (size <= 0 || BlockCount > MaxBlocks || BlockCount > geometry.BlockCount)
        {
            throw new AllocationException($"its journal has {size} bytes");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(map) == ExtentMagic)
        {
            AddTree(map, MaxDepth);
        }
        else
        {
            AddMap(map);
        }

        if (Mapped < BlockCount)
        {
            throw Contradiction();
        }

        var sorted = runs.OrderBy(run => run.Physical).ToList();
        if (sorted.Zip(sorted.Skip(1)).Any(pair => pair.First.Physical + pair.First.Count > pair.Second.Physical))
        {
            throw Contradiction();
        }
    }

    public long BlockCount { get; }

    /// <summary>Runs of blocks of the volume, in the file's order.</summary>
    public IEnumerable<(long Start, long Count)> Runs => runs.Select(run => (run.Physical, run.Count));

    private long Mapped => runs.Count == 0 ? 0 : runs[^1].Logical + runs[^1].Count;

    /// <summary>Reads the map of the journal's inode, or of the copy that the superblock has where that is spoilt.</summary>
    /// <exception cref="AllocationException">Neither makes sense.</exception>
    public static ExtInode ReadJournal(ExtGeometry geometry, ExtBlocks blocks)
    {
        try
        {
            return Read(geometry, blocks, geometry.JournalInode);
        }
        catch (AllocationException) when (!geometry.JournalBackup.IsEmpty)
        {
            var backup = geometry.JournalBackup;
            var size = BinaryPrimitives.ReadUInt32LittleEndian(backup[(MapSize + 4)..])
                | ((long)BinaryPrimitives.ReadUInt32LittleEndian(backup[MapSize..]) << 32);
            return new ExtInode(geometry, blocks, backup[..MapSize], size);
        }
    }

    /// <summary>The block of the volume that holds a block of the file.</summary>
    public long BlockOf(long logical)
    {
        var (low, high) = (0, runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = runs[middle].Logical <= logical ? (middle, high) : (low, middle - 1);
        }

        return runs[low].Physical + logical - runs[low].Logical;
    }

    private static ExtInode Read(ExtGeometry geometry, ExtBlocks blocks, uint number)
    {
        if (number == 0 || (number - 1) / geometry.InodesPerGroup >= geometry.GroupCount)
        {
            throw Contradiction();
        }

        var group = new ExtGroupTable(geometry, blocks).ReadDisk((number - 1) / geometry.InodesPerGroup);
        var at = (long)((number - 1) % geometry.InodesPerGroup) * geometry.InodeSize;
        Span<byte> inode = stackalloc byte[128];
        blocks.ReadDisk(group.InodeTable + (at / geometry.BlockSize), (int)(at % geometry.BlockSize), inode);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(inode[4..]) | ((long)BinaryPrimitives.ReadUInt32LittleEndian(inode[0x6C..]) << 32);
        var map = inode.Slice(0x28, MapSize);
        var hasExtents = (BinaryPrimitives.ReadUInt32LittleEndian(inode[0x20..]) & ExtentsFlag) != 0;
        return BinaryPrimitives.ReadUInt16LittleEndian(inode[0x1A..]) == 0 || hasExtents != (BinaryPrimitives.ReadUInt16LittleEndian(map) == ExtentMagic)
            ? throw Contradiction()
            : new ExtInode(geometry, blocks, map, size);
    }

    private static AllocationException Contradiction() => new("its journal's inode contradicts itself");

    private void AddTree(ReadOnlySpan<byte> node, int maxDepth)
    {
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(node[2..]);
        var depth = BinaryPrimitives.ReadUInt16LittleEndian(node[6..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(node) != ExtentMagic || entries == 0 || entries > (node.Length / ExtentSize) - 1 || depth > maxDepth)
        {
            throw Contradiction();
        }

        var child = depth > 0 ? new byte[geometry.BlockSize] : null;
        for (var i = 1; i <= entries; i++)
        {
            var entry = node.Slice(i * ExtentSize, ExtentSize);
            var logical = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            if (child is null)
            {
                var count = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
                var start = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) | ((long)BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) << 32);
                Add(logical, start, count <= MaxExtent ? count : 0);
            }
            else
            {
                var block = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]) | ((long)BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]) << 32);
                blocks.ReadDisk(block, 0, child);
                // One level down exactly, so that a tree that loops ends.
                AddTree(child, depth - 1);
            }
        }
    }

    private void AddMap(ReadOnlySpan<byte> map)
    {
        for (var i = 0; i < DirectBlocks && Mapped < BlockCount; i++)
        {
            Add(Mapped, BinaryPrimitives.ReadUInt32LittleEndian(map[(4 * i)..]), 1);
        }

        for (var level = 0; level < Levels && Mapped < BlockCount; level++)
        {
            AddIndirect(BinaryPrimitives.ReadUInt32LittleEndian(map[(4 * (DirectBlocks + level))..]), level);
        }
    }

    private void AddIndirect(long block, int level)
    {
        if (block == 0)
        {
            throw Contradiction();
        }

        var pointers = new byte[geometry.BlockSize];
        blocks.ReadDisk(block, 0, pointers);
        for (var i = 0; i < pointers.Length && Mapped < BlockCount; i += 4)
        {
            var next = BinaryPrimitives.ReadUInt32LittleEndian(pointers.AsSpan(i));
            if (level == 0)
            {
                Add(Mapped, next, 1);
            }
            else
            {
                AddIndirect(next, level - 1);
            }
        }
    }

    private void Add(long logical, long physical, long count)
    {
        if (logical != Mapped || count == 0 || physical <= geometry.SuperblockBlock || physical > geometry.BlockCount - count)
        {
            throw Contradiction();
        }

        if (runs.Count > 0 && runs[^1].Physical + runs[^1].Count == physical)
        {
            runs[^1] = runs[^1] with { Count = runs[^1].Count + count };
            return;
        }

        if (runs.Count == MaxRuns)
        {
            throw new AllocationException($"its journal lies in more than {MaxRuns} pieces");
        }

        runs.Add(new Run(logical, physical, count));
    }

    private readonly record struct Run(long Logical, long Physical, long Count);
}
