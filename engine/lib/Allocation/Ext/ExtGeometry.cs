using System.Buffers.Binary;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// What the superblock of ext2, ext3 and ext4 says of where things are (Linux, Documentation/filesystems/ext4/super.rst), checked
/// as its drivers check it.
/// </summary>
internal sealed class ExtGeometry
{
    /// <summary>Where the superblock stands, in bytes, whatever the block size.</summary>
    public const int SuperblockAt = 1024;

    /// <summary>Bytes of the superblock.</summary>
    public const int SuperblockSize = 1024;

    public const int UuidAt = 0x68;
    public const int UuidSize = 16;

    private const int ChecksumAt = 0x3FC;

    /// <summary>EXT2_DYNAMIC_REV: before it inodes have 128 bytes.</summary>
    private const uint DynamicRevision = 1;

    private const int OldInodeSize = 128;
    /// <summary>Bytes of a group descriptor without and, at least, with 64bit.</summary>
    private const int SmallDescriptor = 32;
    private const int LargeDescriptor = 64;

    /// <summary>Clusters of bigalloc at most: 512 MiB of the smallest blocks, more than mke2fs makes.</summary>
    private const uint MaxLogClusterSize = 19;

    /// <summary>What mke2fs -g takes at least.</summary>
    private const uint MinBlocksPerGroup = 256;

    /// <summary>Groups at most: those of 1 PiB in blocks of 4 KiB.</summary>
    private const int MaxGroups = 1 << 23;

    /// <summary>EXT4_VALID_FS and EXT4_ERROR_FS.</summary>
    private const ushort ValidState = 1;
    private const ushort ErrorState = 2;

    /// <summary>EXT4_CRC32C_CHKSUM, the one there is.</summary>
    private const byte Crc32CType = 1;

    private readonly byte[] superblock;

    private ExtGeometry(byte[] superblock, string type)
    {
        this.superblock = superblock;
        Type = type;
        Features = new ExtFeatures(U32(0x5C), U32(0x60), U32(0x64));
        BlockSize = 1024 << (int)U32(0x18);
        LogClusterRatio = Features.HasBigAlloc ? (int)(U32(0x1C) - U32(0x18)) : 0;
        BlockCount = U32(0x04) | (Features.Has64Bit ? (long)U32(0x150) << 32 : 0);
        FreeBlocks = U32(0x0C) | (Features.Has64Bit ? (long)U32(0x158) << 32 : 0);
        FirstDataBlock = U32(0x14);
        BlocksPerGroup = U32(0x20);
        ClustersPerGroup = Features.HasBigAlloc ? U32(0x24) : BlocksPerGroup;
        InodesPerGroup = U32(0x28);
        InodeSize = U32(0x4C) < DynamicRevision ? OldInodeSize : U16(0x58);
        DescriptorSize = Features.Has64Bit ? U16(0xFE) : SmallDescriptor;
        ReservedDescriptorBlocks = U16(0xCE);
        FirstMetaBlockGroup = U32(0x104);
        ChecksumSeed = Features.HasChecksumSeed ? U32(0x270) : ExtChecksum.Seed(Uuid);
        JournalInode = U32(0xE0);
        JournalDevice = U32(0xE4);
        MmpBlock = Features.HasMmp ? (long)U64(0x168) : 0;
    }

    /// <summary>ext2, ext3 or ext4.</summary>
    public string Type { get; }

    public ExtFeatures Features { get; }

    /// <summary>Bytes of a block.</summary>
    public int BlockSize { get; }

    /// <summary>The logarithm of blocks in a cluster, which is what a bit of a bitmap stands for; 0 without bigalloc.</summary>
    public int LogClusterRatio { get; }

    public long BlockCount { get; }

    /// <summary>Blocks of the file system that are free, as the superblock has it; mounted ones let it lag.</summary>
    public long FreeBlocks { get; }

    /// <summary>The first block of the first group: 1 where blocks have 1 KiB, the boot sector's being none of it.</summary>
    public long FirstDataBlock { get; }

    public uint BlocksPerGroup { get; }

    public uint ClustersPerGroup { get; }

    public uint InodesPerGroup { get; }

    public int InodeSize { get; }

    public int DescriptorSize { get; }

    /// <summary>Blocks behind the descriptors of a group with a superblock, into which they may grow.</summary>
    public int ReservedDescriptorBlocks { get; }

    /// <summary>From which block of descriptors on they lie with the groups they are of (meta_bg).</summary>
    public uint FirstMetaBlockGroup { get; }

    public uint ChecksumSeed { get; }

    public uint JournalInode { get; }

    public uint JournalDevice { get; }

    /// <summary>The block of multiple mount protection; 0 without.</summary>
    public long MmpBlock { get; }

    public ReadOnlySpan<byte> Uuid => superblock.AsSpan(UuidAt, UuidSize);

    /// <summary>The block in which the superblock stands.</summary>
    public long SuperblockBlock => BlockSize == SuperblockAt ? 1 : 0;

    public long GroupCount => (BlockCount - FirstDataBlock + BlocksPerGroup - 1) / BlocksPerGroup;

    public int DescriptorsPerBlock => BlockSize / DescriptorSize;

    /// <summary>Blocks that all group descriptors take.</summary>
    public long DescriptorBlocks => (GroupCount + DescriptorsPerBlock - 1) / DescriptorsPerBlock;

    /// <summary>Blocks of a group's inode table.</summary>
    public long InodeTableBlocks => (((long)InodesPerGroup * InodeSize) + BlockSize - 1) / BlockSize;

    /// <summary>The two groups that have copies of the superblock (sparse_super2).</summary>
    public (uint First, uint Second) BackupGroups => (U32(0x24C), U32(0x250));

    /// <summary>The first 60 bytes of a copy of the journal's inode, its block map, and its size; null where there is none.</summary>
    public ReadOnlySpan<byte> JournalBackup => superblock[0xFD] == 1 ? superblock.AsSpan(0x10C, 68) : default;

    /// <summary>
    /// Reads a superblock; null where there is none.
    /// </summary>
    /// <param name="superblock">Bytes 1024 to 2047 of the volume; they become the geometry's own.</param>
    /// <param name="volumeLength">Bytes of the volume.</param>
    /// <exception cref="AllocationException">It contradicts itself, or isn't understood, or says that something is wrong.</exception>
    public static ExtGeometry? TryRead(byte[] superblock, long volumeLength)
    {
        if (ExtSuperblock.TryRead(superblock) is not { } content)
        {
            return null;
        }

        var features = new ExtFeatures(
            BinaryPrimitives.ReadUInt32LittleEndian(superblock.AsSpan(0x5C)),
            BinaryPrimitives.ReadUInt32LittleEndian(superblock.AsSpan(0x60)),
            BinaryPrimitives.ReadUInt32LittleEndian(superblock.AsSpan(0x64)));
        if (features.IsJournalDevice)
        {
            throw new AllocationException("it is the journal of a file system on another device");
        }

        if (features.Unknown is { } unknown)
        {
            throw new AllocationException($"it has features that aren't known here ({unknown})");
        }

        var geometry = new ExtGeometry(superblock, content.Type);
        if (geometry.Problem(volumeLength) is { } problem)
        {
            throw new AllocationException(problem);
        }

        return geometry;
    }

    /// <summary>The first block of a group.</summary>
    public long GroupStart(long group) => FirstDataBlock + (group * BlocksPerGroup);

    /// <summary>The block behind a group's last.</summary>
    public long GroupEnd(long group) => Math.Min(GroupStart(group + 1), BlockCount);

    /// <summary>Clusters of a group: the last one has fewer, and may have a part of one.</summary>
    public int GroupClusters(long group) => (int)((GroupEnd(group) - GroupStart(group) + (1L << LogClusterRatio) - 1) >> LogClusterRatio);

    private string? Problem(long volumeLength)
    {
        if (Features.HasMetadataChecksums
            && (superblock[0x175] != Crc32CType || Crc32C.Append(Crc32C.Start, superblock.AsSpan(0, ChecksumAt)) != U32(ChecksumAt)))
        {
            return "the checksum of its superblock is wrong";
        }

        return LayoutProblem(volumeLength) ?? StateProblem();
    }

    private string? LayoutProblem(long volumeLength)
    {
        const string Contradiction = "its superblock contradicts itself";
        if (BlockCount <= FirstDataBlock || BlocksPerGroup < MinBlocksPerGroup || InodesPerGroup == 0)
        {
            return Contradiction;
        }

        if (BlockCount > volumeLength / BlockSize)
        {
            return $"it has {BlockCount} blocks of {BlockSize} bytes, and only {volumeLength} bytes are there";
        }

        var maxBits = 8L * BlockSize;
        var minDescriptor = Features.Has64Bit ? LargeDescriptor : SmallDescriptor;
        var isGood = (!Features.HasBigAlloc || (U32(0x1C) >= U32(0x18) && U32(0x1C) <= MaxLogClusterSize))
            && BlocksPerGroup % 8 == 0 && ClustersPerGroup >= 8 && ClustersPerGroup % 8 == 0 && ClustersPerGroup <= maxBits
            && (long)ClustersPerGroup << LogClusterRatio == BlocksPerGroup
            && FirstDataBlock == (BlockSize == SuperblockAt && LogClusterRatio == 0 ? 1 : 0)
            && InodeSize >= OldInodeSize && InodeSize <= BlockSize && int.IsPow2(InodeSize)
            && InodesPerGroup <= maxBits && GroupCount <= MaxGroups && GroupCount * InodesPerGroup == U32(0)
            && DescriptorSize >= minDescriptor && DescriptorSize <= ExtGroup.MaxSize && int.IsPow2(DescriptorSize)
            && ReservedDescriptorBlocks <= BlockSize / 4
            && (!Features.HasMmp || (MmpBlock > FirstDataBlock && MmpBlock < BlockCount));
        return isGood ? null : Contradiction;
    }

    private string? StateProblem()
    {
        var state = U16(0x3A);
        return (state & ErrorState) != 0 ? "its superblock says that it has errors; e2fsck clears that"
            : (state & ValidState) == 0 ? "it wasn't unmounted cleanly; e2fsck clears that"
            : null;
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(superblock.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(superblock.AsSpan(at));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(superblock.AsSpan(at));
}
