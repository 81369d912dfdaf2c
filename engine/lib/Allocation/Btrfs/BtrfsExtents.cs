using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// The extents of a chunk in the order of their addresses, by the extent tree (Linux, include/uapi/linux/btrfs_tree.h,
/// struct btrfs_extent_item, btrfs_block_group_item): data and tree blocks, whoever refers to them.
/// </summary>
internal sealed class BtrfsExtents(BtrfsCursor cursor, BtrfsGeometry geometry)
{
    /// <summary>Bytes of an extent's count of references, generation and flags.</summary>
    private const int ItemSize = 24;

    private BtrfsChunk chunk = null!;
    private ulong walkedTo;

    /// <summary>Bytes of the longest extent so far: another one may begin as much before a place that it covers.</summary>
    public long Longest { get; private set; }

    /// <summary>The item of the chunk's block group, if it was met.</summary>
    public BtrfsBlockGroup? BlockGroup { get; private set; }

    /// <summary>Whether nothing is left of the tree.</summary>
    public bool IsAtEnd => cursor.IsAtEnd;

    /// <summary>Starts with the extents of a chunk that begin at an address or behind.</summary>
    public void Open(BtrfsChunk of, ulong from)
    {
        cursor.Seek(new(from, 0, 0));
        Continue(of);
        walkedTo = from;
    }

    /// <summary>Goes on with another chunk from where the walk is.</summary>
    public void Continue(BtrfsChunk with)
    {
        chunk = with;
        walkedTo = with.Logical;
        BlockGroup = null;
    }

    /// <summary>The next extent, in bytes from the chunk's start; false at the chunk's end.</summary>
    public bool TryNext(out long start, out long length)
    {
        (start, length) = (0, 0);
        for (; !cursor.IsAtEnd && cursor.Key.Id < chunk.End; cursor.MoveNext())
        {
            var key = cursor.Key;
            if (key.Id < chunk.Logical)
            {
                throw cursor.Wrong("it has extents outside of all chunks");
            }

            switch (key.Type)
            {
                case BtrfsKey.ExtentItem or BtrfsKey.MetadataItem:
                    var size = key.Type == BtrfsKey.MetadataItem ? (ulong)geometry.NodeSize : key.Offset;
                    Check(key.Id, size);
                    walkedTo = key.Id + size;
                    (start, length) = ((long)(key.Id - chunk.Logical), (long)size);
                    Longest = Math.Max(Longest, length);
                    cursor.MoveNext();
                    return true;
                case BtrfsKey.BlockGroupItem when key.Id == chunk.Logical && key.Offset == (ulong)chunk.Length && BlockGroup is null:
                    BlockGroup = BtrfsBlockGroup.Read(cursor);
                    break;
                case BtrfsKey.OldReference:
                    throw cursor.Wrong("it has references of an old format");
                case >= BtrfsKey.FirstReference and <= BtrfsKey.LastReference:
                    break;
                default:
                    throw cursor.Wrong("it has items that aren't known, or of no chunk");
            }
        }

        return false;
    }

    private void Check(ulong address, ulong size)
    {
        if (address < walkedTo || size == 0 || size > chunk.End - address || size % geometry.SectorSize != 0
            || address % geometry.SectorSize != 0 || cursor.Item.Length < ItemSize || BinaryPrimitives.ReadUInt64LittleEndian(cursor.Item) == 0)
        {
            throw cursor.Wrong("its extents overlap, leave their chunk, or have no references");
        }
    }
}
