using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// Where things lie in an XFS, by its primary superblock (XFS Algorithms and Data Structures, "Superblocks"; Linux,
/// fs/xfs/libxfs/xfs_format.h, struct xfs_dsb). Two that are equal say the same of all places; counters aren't part of it.
/// </summary>
internal sealed record XfsGeometry
{
    /// <summary>Bytes of a basic block, in which the log and the addresses of metadata count.</summary>
    public const int BasicBlock = 512;

    /// <summary>The longest sector that XFS knows, in bytes (XFS_MAX_SECTORSIZE).</summary>
    public const int MaxSectorSize = 32768;

    private const int VersionOffset = 100;
    private const int Features2Offset = 200;
    private const int ChecksumOffset = 224;
    private const int VersionMask = 0xF;

    /// <summary>Shared, read-only volumes (IRIX), with a count of versions that nobody knows any more.</summary>
    private const int VersionShared = 0x0200;
    private const int VersionLog2 = 0x0400;
    private const int VersionMoreBits = 0x8000;
    private const uint LazyCounters = 0x2;

    /// <summary>finobt, rmapbt, reflink, inobtcount.</summary>
    private const uint KnownReadOnlyFeatures = 0xF;

    /// <summary>ftype, sparse inodes, metadata UUID, bigtime, needs repair, nrext64, exchange range, parents, metadata directory.</summary>
    private const uint KnownFeatures = 0x1FF;

    private const uint FeatureMetadataId = 1 << 2;
    private const uint FeatureNeedsRepair = 1 << 4;

    /// <summary>Blocks that an allocation group has at least, the last one too (XFS_MIN_AG_BLOCKS).</summary>
    private const uint MinGroupBlocks = 64;

    public required int BlockSize { get; init; }

    public required int SectorSize { get; init; }

    /// <summary>Blocks of the volume.</summary>
    public required long Blocks { get; init; }

    public required uint GroupBlocks { get; init; }

    public required uint Groups { get; init; }

    /// <summary>Bits of a block number that count within its group.</summary>
    public required int GroupBits { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The id that metadata carries.</summary>
    public required Guid MetadataId { get; init; }

    public required ulong LogStart { get; init; }

    public required uint LogBlocks { get; init; }

    /// <summary>Version 5: metadata has checksums, and says what it is of.</summary>
    public required bool HasChecksums { get; init; }

    public required bool HasLog2 { get; init; }

    /// <summary>The count of free blocks is the sum of what the groups say, wherever the file system is at rest.</summary>
    public required bool HasLazyCounters { get; init; }

    public required ulong RealtimeBlocks { get; init; }

    public required ulong RootInode { get; init; }

    public required (ushort Version, uint Features2, uint ReadOnly, uint Incompatible) Features { get; init; }

    public long Length => Blocks * BlockSize;

    /// <summary>The first block of a group that may be free: sectors of superblock, AGF, AGI and AGFL come first.</summary>
    public uint FirstFreeable => (uint)(((4 * SectorSize) + BlockSize - 1) / BlockSize);

    public long LogOffset => OffsetOf(LogGroup, LogGroupBlock);

    public uint LogGroup => (uint)(LogStart >> GroupBits);

    public uint LogGroupBlock => (uint)(LogStart & ((1UL << GroupBits) - 1));

    /// <summary>Basic blocks of the log.</summary>
    public int LogBasicBlocks => (int)((long)LogBlocks * BlockSize / BasicBlock);

    public uint BlocksOf(uint group) => (uint)Math.Min(GroupBlocks, Blocks - ((long)group * GroupBlocks));

    public long OffsetOf(uint group, uint block) => (((long)group * GroupBlocks) + block) * BlockSize;

    /// <summary>The file system's count of free blocks, which isn't part of the geometry.</summary>
    public static ulong FreeBlocks(ReadOnlySpan<byte> superblock) => BinaryPrimitives.ReadUInt64BigEndian(superblock[144..]);

    /// <param name="superblock">A whole sector of at least 512 bytes.</param>
    /// <param name="length">Bytes of the volume.</param>
    /// <param name="withChecksum">Whether its checksum has to be right; a superblock that was changed in memory has an old one.</param>
    public static XfsGeometry Read(ReadOnlySpan<byte> superblock, long length, bool withChecksum = true)
    {
        var version = BinaryPrimitives.ReadUInt16BigEndian(superblock[VersionOffset..]);
        var features2 = (version & VersionMoreBits) != 0 ? BinaryPrimitives.ReadUInt32BigEndian(superblock[Features2Offset..]) : 0;
        var has5 = (version & VersionMask) == 5;
        var id = new Guid(superblock.Slice(32, 16), bigEndian: true);
        var incompatible = has5 ? BinaryPrimitives.ReadUInt32BigEndian(superblock[216..]) : 0;
        var geometry = new XfsGeometry
        {
            BlockSize = (int)BinaryPrimitives.ReadUInt32BigEndian(superblock[4..]),
            SectorSize = BinaryPrimitives.ReadUInt16BigEndian(superblock[102..]),
            Blocks = BinaryPrimitives.ReadInt64BigEndian(superblock[8..]),
            GroupBlocks = BinaryPrimitives.ReadUInt32BigEndian(superblock[84..]),
            Groups = BinaryPrimitives.ReadUInt32BigEndian(superblock[88..]),
            GroupBits = superblock[124],
            Id = id,
            MetadataId = (incompatible & FeatureMetadataId) != 0 ? new Guid(superblock.Slice(248, 16), bigEndian: true) : id,
            LogStart = BinaryPrimitives.ReadUInt64BigEndian(superblock[48..]),
            LogBlocks = BinaryPrimitives.ReadUInt32BigEndian(superblock[96..]),
            HasChecksums = has5,
            HasLog2 = has5 || (version & VersionLog2) != 0,
            HasLazyCounters = has5 || (features2 & LazyCounters) != 0,
            RealtimeBlocks = BinaryPrimitives.ReadUInt64BigEndian(superblock[16..]),
            RootInode = BinaryPrimitives.ReadUInt64BigEndian(superblock[56..]),
            Features = (version, features2, has5 ? BinaryPrimitives.ReadUInt32BigEndian(superblock[212..]) : 0, incompatible),
        };
        geometry.Check(superblock, length, withChecksum);
        return geometry;
    }

    private void Check(ReadOnlySpan<byte> superblock, long length, bool withChecksum)
    {
        Require((Features.Version & VersionMask) is 4 or 5, "version of XFS", Features.Version & VersionMask);
        Require((Features.Version & VersionShared) == 0, "version of XFS", Features.Version);
        CheckFeatures();
        Require(BlockSize is >= 512 and <= 65536 && BitOperations.IsPow2(BlockSize), "block size", BlockSize);
        Require(SectorSize is >= 512 and <= MaxSectorSize && BitOperations.IsPow2(SectorSize), "sector size", SectorSize);
        Require(superblock[120] == BitOperations.Log2((uint)BlockSize), "logarithm of the block size", superblock[120]);
        var checksum = superblock.Length >= SectorSize ? BinaryPrimitives.ReadUInt32LittleEndian(superblock[ChecksumOffset..]) : 0;
        if (withChecksum && superblock.Length >= SectorSize && (HasChecksums || checksum != 0)
            && checksum != Crc32C.OfStructure(superblock[..SectorSize], ChecksumOffset))
        {
            throw new AllocationException("the checksum of its superblock is wrong");
        }

        if (superblock[126] != 0)
        {
            throw new AllocationException("it was being made or copied, and isn't finished");
        }

        Require(GroupBlocks is >= MinGroupBlocks and <= int.MaxValue, "size of allocation groups", GroupBlocks);
        Require(Groups > 0, "count of allocation groups", Groups);
        Require(GroupBits == BitOperations.Log2(GroupBlocks - 1) + 1, "width of block numbers", GroupBits);
        var groupsBefore = (long)(Groups - 1) * GroupBlocks;
        Require(
            Blocks >= groupsBefore + Math.Min(MinGroupBlocks, GroupBlocks) && Blocks <= groupsBefore + GroupBlocks, "count of blocks", Blocks);
        if (Blocks > length / BlockSize)
        {
            throw new AllocationException("it is larger than what it lies in");
        }

        CheckLog();
    }

    private void CheckFeatures()
    {
        if ((Features.Incompatible & FeatureNeedsRepair) != 0)
        {
            throw new AllocationException("it says that it needs a repair");
        }

        var unknown = (Features.Incompatible & ~KnownFeatures) | (Features.ReadOnly & ~KnownReadOnlyFeatures);
        if (unknown != 0)
        {
            throw new AllocationException(string.Create(CultureInfo.InvariantCulture, $"it has features that aren't known (0x{unknown:x})"));
        }

        if (RealtimeBlocks != 0)
        {
            throw new AllocationException("it has a realtime section");
        }
    }

    private void CheckLog()
    {
        if (LogStart == 0)
        {
            throw new AllocationException("its log is on another device");
        }

        Require(
            LogBlocks > 0 && (long)LogBlocks * BlockSize <= int.MaxValue && LogGroup < Groups && LogGroupBlock >= FirstFreeable
            && LogGroupBlock + (long)LogBlocks <= BlocksOf(LogGroup),
            "place of the log",
            (long)LogStart);
    }

    private static void Require(bool isRight, string what, long value)
    {
        if (!isRight)
        {
            throw new AllocationException(string.Create(CultureInfo.InvariantCulture, $"the {what} in its superblock can't be right ({value})"));
        }
    }
}
