using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// What the superblock of a btrfs says of the whole and of this device (btrfs-dev-docs, "On-disk format", superblock; Linux,
/// include/uapi/linux/btrfs_tree.h, struct btrfs_super_block). Every byte of it is under a checksum.
/// </summary>
internal sealed class BtrfsGeometry
{
    /// <summary>Bytes at the device's start that no chunk of today takes, and boot loaders do (BTRFS_DEVICE_RANGE_RESERVED).</summary>
    public const long ReservedStart = 1 << 20;

    /// <summary>The longest tree block that btrfs knows, in bytes (BTRFS_MAX_METADATA_BLOCKSIZE).</summary>
    private const uint MaxNodeSize = 65536;

    private const int DeviceOffset = 0xC9;
    private const int SystemChunksOffset = 0x32B;
    private const int SystemChunksSize = 2048;
    private const int MaxLevel = 7;

    /// <summary>Written, relocation done by backrefs, and a base for other file systems: all that may be said of a sound one.</summary>
    private const ulong KnownFlags = 3 | (1UL << 32);

    /// <summary>Free space tree and whether it is valid, verity, block groups in a tree of their own.</summary>
    private const ulong KnownReadOnlyFeatures = 0xF;
    private const ulong FeatureBlockGroupTree = 1 << 3;

    /// <summary>
    /// From backrefs to RAID 1 of three and four copies, and simple quotas; not zones, extent tree v2, RAID stripe trees, or
    /// remapping.
    /// </summary>
    private const ulong KnownFeatures = 0xFFF | (1 << 16);
    private const ulong FeatureBackrefs = 1 << 0;
    private const ulong FeatureMetadataId = 1 << 10;

    private BtrfsGeometry(ReadOnlySpan<byte> superblock)
    {
        Id = superblock.Slice(0x20, 16).ToArray();
        Generation = Long(superblock, 0x48);
        Root = new(Owner: 1, Long(superblock, 0x50), superblock[0xC6], Generation);
        ChunkRoot = new(Owner: 3, Long(superblock, 0x58), superblock[0xC7], Long(superblock, 0xA4));
        LogRoot = Long(superblock, 0x60);
        BytesUsed = Long(superblock, 0x78);
        SectorSize = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x90..]);
        var nodeSize = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x94..]);
        NodeSize = (int)Math.Min(nodeSize, int.MaxValue);
        HasBlockGroupTree = (Long(superblock, 0xB4) & FeatureBlockGroupTree) != 0;
        ChecksumType = BinaryPrimitives.ReadUInt16LittleEndian(superblock[0xC4..]);
        DeviceId = Long(superblock, DeviceOffset);
        DeviceBytes = (long)Math.Min(Long(superblock, DeviceOffset + 8), long.MaxValue);
        MetadataId = (Long(superblock, 0xBC) & FeatureMetadataId) != 0 ? superblock.Slice(0x23B, 16).ToArray() : Id;
        SystemChunks = superblock.Slice(
            SystemChunksOffset, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(superblock[0xA0..]), SystemChunksSize)).ToArray();
    }

    /// <summary>Where the superblock and its copies stand, in bytes, so far as the device reaches (BTRFS_SUPER_MIRROR_SHIFT).</summary>
    public static IReadOnlyList<long> Places { get; } = [BtrfsSuperblock.Offset, 64L << 20, 256L << 30];

    /// <summary>The id that tree blocks carry.</summary>
    public byte[] MetadataId { get; }

    public byte[] Id { get; }

    public ulong Generation { get; }

    /// <summary>The tree of trees.</summary>
    public BtrfsRoot Root { get; }

    public BtrfsRoot ChunkRoot { get; }

    /// <summary>Where what was flushed since the last commit is found; 0 where nothing was.</summary>
    public ulong LogRoot { get; }

    /// <summary>Bytes of all extents.</summary>
    public ulong BytesUsed { get; }

    public uint SectorSize { get; }

    /// <summary>Bytes of a tree block.</summary>
    public int NodeSize { get; }

    public bool HasBlockGroupTree { get; }

    public ushort ChecksumType { get; }

    public ulong DeviceId { get; }

    /// <summary>Bytes of this device that the file system may take.</summary>
    public long DeviceBytes { get; }

    /// <summary>The chunks that the tree of chunks lies in, each behind its key.</summary>
    public byte[] SystemChunks { get; }

    /// <summary>The superblock of a volume; null where it has none.</summary>
    /// <exception cref="AllocationException">It says something that the map can't go by.</exception>
    public static BtrfsGeometry? TryRead(AllocationSource volume)
    {
        if (volume.Length < BtrfsSuperblock.Offset + BtrfsSuperblock.Size)
        {
            return null;
        }

        var superblock = new byte[BtrfsSuperblock.Size];
        volume.Read(BtrfsSuperblock.Offset, superblock);
        if (!IsSuperblock(superblock, BtrfsSuperblock.Offset))
        {
            return null;
        }

        var geometry = new BtrfsGeometry(superblock);
        if (!geometry.HasRightChecksum(superblock))
        {
            throw new AllocationException("the checksum of its superblock is wrong, or of a kind that isn't known");
        }

        geometry.CheckFeatures(superblock);
        geometry.Check(superblock, volume.Length);
        geometry.CheckCopies(volume);
        return geometry;
    }

    /// <summary>Whether a structure that begins with its checksum has the right one.</summary>
    public bool HasRightChecksum(ReadOnlySpan<byte> structure)
    {
        Span<byte> checksum = stackalloc byte[BtrfsSuperblock.ChecksumSize];
        return BtrfsSuperblock.TryChecksum(ChecksumType, structure[BtrfsSuperblock.ChecksumSize..], checksum, out var length)
            && structure.StartsWith(checksum[..length]);
    }

    private static bool IsSuperblock(ReadOnlySpan<byte> superblock, long place) =>
        superblock[0x40..].StartsWith("_BHRfS_M"u8) && Long(superblock, 0x30) == (ulong)place;

    private static ulong Long(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private void CheckFeatures(ReadOnlySpan<byte> superblock)
    {
        var unknown = (Long(superblock, 0xBC) & ~KnownFeatures) | (Long(superblock, 0xB4) & ~KnownReadOnlyFeatures);
        if (unknown != 0 || (Long(superblock, 0xBC) & FeatureBackrefs) == 0)
        {
            throw new AllocationException(string.Create(CultureInfo.InvariantCulture, $"it has features that aren't known (0x{unknown:x})"));
        }

        if ((Long(superblock, 0x38) & ~KnownFlags) != 0)
        {
            throw new AllocationException("it says that it has errors, or that it was being changed by a tool");
        }

        if (LogRoot != 0)
        {
            throw new AllocationException("its log tree holds what was flushed after the last commit (it was mounted, and not held still)");
        }
    }

    private void Check(ReadOnlySpan<byte> superblock, long length)
    {
        var isSound = SectorSize is >= 512 and <= MaxNodeSize && BitOperations.IsPow2(SectorSize)
            && NodeSize >= SectorSize && NodeSize <= MaxNodeSize && BitOperations.IsPow2(NodeSize)
            && Root.Level <= MaxLevel && ChunkRoot.Level <= MaxLevel && ChunkRoot.Generation <= Generation
            && BinaryPrimitives.ReadUInt32LittleEndian(superblock[0xA0..]) <= SystemChunksSize
            && superblock.Slice(DeviceOffset + 82, 16).SequenceEqual(MetadataId);
        if (!isSound)
        {
            throw new AllocationException("the fields of its superblock contradict each other");
        }

        if (DeviceBytes > length)
        {
            throw new AllocationException("it is larger than what it lies in");
        }

        if (DeviceBytes < ReservedStart)
        {
            throw new AllocationException("its superblock says that it is too small");
        }
    }

    // A commit writes the first before its copies. One that is newer is what a tool would recover with.
    private void CheckCopies(AllocationSource volume)
    {
        var copy = new byte[BtrfsSuperblock.Size];
        foreach (var place in Places.Skip(1).Where(place => place <= DeviceBytes - BtrfsSuperblock.Size))
        {
            volume.Read(place, copy);
            if (IsSuperblock(copy, place) && copy.AsSpan(0x20, 16).SequenceEqual(Id) && HasRightChecksum(copy) && Long(copy, 0x48) > Generation)
            {
                throw new AllocationException("a copy of its superblock is newer than the first");
            }
        }
    }
}
