using System.Buffers.Binary;
using System.Diagnostics;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// One block of a tree: a leaf of items, or a node of children (Linux, include/uapi/linux/btrfs_tree.h, struct btrfs_header,
/// btrfs_item, btrfs_key_ptr). The same object is read into again and again.
/// </summary>
internal sealed class BtrfsTreeBlock(BtrfsGeometry geometry)
{
    private const int HeaderSize = 101;
    private const int ItemSize = 25;
    private const int ChildSize = 33;
    private const ulong FlagWritten = 1;

    private readonly byte[] bytes = new byte[geometry.NodeSize];

    public int Count { get; private set; }

    /// <summary>Which item or child is under way.</summary>
    public int Index { get; set; }

    public BtrfsKey Key => KeyAt(Index);

    /// <summary>An item's content.</summary>
    public ReadOnlySpan<byte> Item
    {
        get
        {
            var item = bytes.AsSpan(HeaderSize + (Index * ItemSize) + BtrfsKey.Size);
            return bytes.AsSpan(
                HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(item), BinaryPrimitives.ReadInt32LittleEndian(item[sizeof(uint)..]));
        }
    }

    private int Level { get; set; }

    /// <summary>A child, as what it has to say of itself.</summary>
    public BtrfsRoot Child(ulong owner)
    {
        Debug.Assert(Level > 0);
        var child = bytes.AsSpan(HeaderSize + (Index * ChildSize) + BtrfsKey.Size);
        return new(owner, BinaryPrimitives.ReadUInt64LittleEndian(child), Level - 1, BinaryPrimitives.ReadUInt64LittleEndian(child[8..]));
    }

    public BtrfsKey KeyAt(int index)
    {
        Debug.Assert(index < Count);
        return BtrfsKey.Read(bytes.AsSpan(HeaderSize + (index * (Level == 0 ? ItemSize : ChildSize))));
    }

    /// <summary>Reads a copy of a block.</summary>
    /// <param name="volume">The device.</param>
    /// <param name="offset">Where on it the copy lies, in bytes.</param>
    /// <param name="expected">What the block's parent says of it.</param>
    /// <param name="mayBeEmpty">Whether it is the first of its tree.</param>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public string? TryRead(AllocationSource volume, long offset, BtrfsRoot expected, bool mayBeEmpty)
    {
        volume.Read(offset, bytes);
        Index = 0;
        Count = 0;
        Level = bytes[100];
        if (!geometry.HasRightChecksum(bytes))
        {
            return "its checksum is wrong";
        }

        if (!bytes.AsSpan(32, 16).SequenceEqual(geometry.MetadataId))
        {
            return "it is of another file system";
        }

        if (Long(48) != expected.Address || Long(88) != expected.Owner || Level != expected.Level)
        {
            return "it is another one";
        }

        if (Long(80) != expected.Generation || expected.Generation > geometry.Generation || (Long(56) & FlagWritten) == 0)
        {
            return "it is of another transaction";
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(96));
        if (count > (bytes.Length - HeaderSize) / (Level == 0 ? ItemSize : ChildSize) || (count == 0 && !(mayBeEmpty && Level == 0)))
        {
            return "its count can't be right";
        }

        Count = (int)count;
        return AreInOrder() ? null : "its items aren't in order";
    }

    private bool AreInOrder()
    {
        var itemsEnd = Count * ItemSize;
        for (var i = 0; i < Count; i++)
        {
            if (i > 0 && KeyAt(i) <= KeyAt(i - 1))
            {
                return false;
            }

            if (Level == 0)
            {
                var item = bytes.AsSpan(HeaderSize + (i * ItemSize) + BtrfsKey.Size);
                var offset = BinaryPrimitives.ReadUInt32LittleEndian(item);
                var end = (long)offset + BinaryPrimitives.ReadUInt32LittleEndian(item[sizeof(uint)..]);
                if (offset < itemsEnd || end > bytes.Length - HeaderSize)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));
}
