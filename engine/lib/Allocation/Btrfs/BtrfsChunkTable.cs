using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// All chunks of a file system, and the stripes that they have on this device. They are kept in memory: their size grows with the
/// volume's, to a GiB and more.
/// </summary>
internal sealed class BtrfsChunkTable
{
    /// <summary>Chunks at most, some tens of MiB of memory: as many as a petabyte has of usual ones.</summary>
    private const int MaxChunks = 1 << 18;

    /// <summary>The object that all chunks belong to (BTRFS_FIRST_CHUNK_TREE_OBJECTID).</summary>
    private const ulong ChunkOwner = 256;

    /// <summary>The object that all devices belong to (BTRFS_DEV_ITEMS_OBJECTID).</summary>
    private const ulong DeviceOwner = 1;

    private readonly AllocationSource volume;
    private readonly BtrfsGeometry geometry;
    private readonly List<BtrfsChunk> chunks = [];
    private readonly List<(BtrfsStripe Stripe, BtrfsChunk Chunk)> stripes = [];

    private BtrfsChunkTable(AllocationSource volume, BtrfsGeometry geometry)
    {
        this.volume = volume;
        this.geometry = geometry;
    }

    /// <summary>All chunks, by their logical addresses.</summary>
    public IReadOnlyList<BtrfsChunk> Chunks => chunks;

    /// <summary>What this device has of them, by the places on it. Nothing overlaps.</summary>
    public IReadOnlyList<(BtrfsStripe Stripe, BtrfsChunk Chunk)> Stripes => stripes;

    /// <summary>Reads the tree of chunks by those of them that the superblock has.</summary>
    public static BtrfsChunkTable Read(AllocationSource volume, BtrfsGeometry geometry)
    {
        var system = new BtrfsChunkTable(volume, geometry);
        system.AddSystemChunks();
        var cursor = new BtrfsCursor(system, geometry, geometry.ChunkRoot);
        var table = new BtrfsChunkTable(volume, geometry);
        table.AddAll(cursor);
        if (system.chunks.Any(chunk => table.Find(chunk.Logical) is not { } same || !same.IsSame(chunk)))
        {
            throw cursor.Wrong("the superblock has chunks that it doesn't have");
        }

        return table;
    }

    /// <summary>Reads a tree block from any copy on this device that is as it should be.</summary>
    /// <returns>What is wrong with the copies; null where one was read.</returns>
    public string? TryRead(BtrfsRoot expected, BtrfsTreeBlock block, bool mayBeEmpty)
    {
        if (expected.Address % geometry.SectorSize != 0 || Find(expected.Address) is not { } chunk
            || chunk.End - expected.Address < (ulong)geometry.NodeSize)
        {
            return "it lies in no chunk";
        }

        if (chunk.HasParity)
        {
            return "it is stored as RAID 5 or 6";
        }

        var offset = (long)(expected.Address - chunk.Logical);
        string? problem = "it is on another device";
        foreach (var stripe in chunk.Here)
        {
            var at = chunk.Project(offset, stripe.Column);
            if (chunk.Project(offset + geometry.NodeSize, stripe.Column) - at == geometry.NodeSize)
            {
                problem = block.TryRead(volume, stripe.Offset + at, expected, mayBeEmpty);
                if (problem is null)
                {
                    break;
                }
            }
        }

        return problem;
    }

    /// <summary>Which stripe covers a place of the device, or the first one behind it.</summary>
    public int StripeAt(long offset)
    {
        var (low, high) = (0, stripes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = stripes[middle].Stripe.Offset + stripes[middle].Chunk.DeviceLength <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private BtrfsChunk? Find(ulong address)
    {
        var (low, high) = (0, chunks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = chunks[middle].End <= address ? (middle + 1, high) : (low, middle);
        }

        return low < chunks.Count && chunks[low].Logical <= address ? chunks[low] : null;
    }

    private void AddSystemChunks()
    {
        var rest = geometry.SystemChunks.AsSpan();
        while (rest.Length > BtrfsKey.Size + 48)
        {
            var key = BtrfsKey.Read(rest);
            var length = 48 + (32 * BinaryPrimitives.ReadUInt16LittleEndian(rest[(BtrfsKey.Size + 44)..]));
            rest = rest[BtrfsKey.Size..];
            if (length > rest.Length || !TryAdd(key, rest[..length]))
            {
                break;
            }

            rest = rest[length..];
        }

        if (rest.Length > 0 || chunks.Count == 0)
        {
            throw new AllocationException("the chunks in its superblock contradict each other");
        }
    }

    private void AddAll(BtrfsCursor cursor)
    {
        var knowsDevice = false;
        for (cursor.Seek(default); !cursor.IsAtEnd; cursor.MoveNext())
        {
            switch (cursor.Key.Type)
            {
                case BtrfsKey.DeviceItem when cursor.Key.Id == DeviceOwner:
                    if (cursor.Key.Offset == geometry.DeviceId)
                    {
                        knowsDevice = cursor.Item.Length >= 16 && BinaryPrimitives.ReadInt64LittleEndian(cursor.Item[8..]) == geometry.DeviceBytes;
                    }

                    break;
                case BtrfsKey.ChunkItem when TryAdd(cursor.Key, cursor.Item):
                    break;
                default:
                    throw cursor.Wrong("it has items that aren't known, or contradict each other");
            }
        }

        if (!knowsDevice)
        {
            throw cursor.Wrong("it doesn't know this device, or with another size");
        }

        stripes.AddRange(chunks.SelectMany(chunk => chunk.Here.Select(stripe => (stripe, chunk))).OrderBy(stripe => stripe.stripe.Offset));
        for (var i = 1; i < stripes.Count; i++)
        {
            if (stripes[i].Stripe.Offset < stripes[i - 1].Stripe.Offset + stripes[i - 1].Chunk.DeviceLength)
            {
                throw cursor.Wrong("its chunks overlap on the device");
            }
        }
    }

    private bool TryAdd(BtrfsKey key, ReadOnlySpan<byte> item)
    {
        if (key.Id != ChunkOwner || key.Type != BtrfsKey.ChunkItem || BtrfsChunk.TryRead(key, item, geometry) is not { } chunk
            || (chunks.Count > 0 && chunk.Logical < chunks[^1].End) || chunks.Count == MaxChunks)
        {
            return false;
        }

        chunks.Add(chunk);
        return true;
    }
}
