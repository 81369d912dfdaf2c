using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>What the file system itself says of a chunk's use (struct btrfs_block_group_item).</summary>
/// <param name="Used">Bytes of its extents.</param>
/// <param name="Type">As the chunk's.</param>
internal readonly record struct BtrfsBlockGroup(ulong Used, ulong Type)
{
    private const int Size = 24;

    public static BtrfsBlockGroup Read(BtrfsCursor cursor) => cursor.Item.Length >= Size
        ? new(BinaryPrimitives.ReadUInt64LittleEndian(cursor.Item), BinaryPrimitives.ReadUInt64LittleEndian(cursor.Item[16..]))
        : throw cursor.Wrong("a block group is too short");
}
