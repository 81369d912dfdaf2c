using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>The trees that the map comes from, by the tree of trees (struct btrfs_root_item).</summary>
internal sealed class BtrfsTrees(BtrfsChunkTable chunks, BtrfsGeometry geometry)
{
    private const ulong ExtentTree = 2;
    private const ulong DeviceTree = 4;
    private const ulong BlockGroupTree = 11;
    private const int MaxLevel = 7;

    /// <summary>Bytes up to the level, the last field that is needed.</summary>
    private const int RootItemSize = 239;

    private readonly BtrfsCursor trees = new(chunks, geometry, geometry.Root);

    public BtrfsCursor OpenExtents() => Open(ExtentTree);

    public BtrfsCursor OpenDevices() => Open(DeviceTree);

    public BtrfsCursor OpenBlockGroups() => Open(BlockGroupTree);

    private BtrfsCursor Open(ulong tree)
    {
        var key = new BtrfsKey(tree, BtrfsKey.RootItem, 0);
        trees.Seek(key);
        if (trees.IsAtEnd || trees.Key != key || trees.Item.Length < RootItemSize || trees.Item[238] > MaxLevel)
        {
            throw trees.Wrong("it lacks one of them");
        }

        var item = trees.Item;
        return new(
            chunks,
            geometry,
            new(tree, BinaryPrimitives.ReadUInt64LittleEndian(item[176..]), item[238], BinaryPrimitives.ReadUInt64LittleEndian(item[160..])));
    }
}
