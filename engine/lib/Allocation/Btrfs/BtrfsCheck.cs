using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// Holds the trees against each other, from end to end: the device tree against the chunks, the extents against the block groups
/// and the superblock; and counts on the way what is free on this device.
/// </summary>
internal sealed class BtrfsCheck
{
    private readonly BtrfsGeometry geometry;
    private readonly BtrfsChunkTable chunks;
    private readonly BtrfsTrees trees;
    private long freeBytes;

    private BtrfsCheck(BtrfsGeometry geometry, BtrfsChunkTable chunks, BtrfsTrees trees)
    {
        this.geometry = geometry;
        this.chunks = chunks;
        this.trees = trees;
    }

    /// <returns>Free bytes of the device, and the bytes of the longest extent.</returns>
    public static (long FreeBytes, long LongestExtent) Run(BtrfsGeometry geometry, BtrfsChunkTable chunks, BtrfsTrees trees)
    {
        var check = new BtrfsCheck(geometry, chunks, trees);
        check.CheckDevice();
        var longest = check.CheckExtents();
        return (check.freeBytes, longest);
    }

    private void CheckDevice()
    {
        const int ChunkOffset = 16;
        const int LengthOffset = 24;
        var cursor = trees.OpenDevices();
        cursor.Seek(new(0, BtrfsKey.DeviceReplacement, 0));
        if (!cursor.IsAtEnd && cursor.Key is { Id: 0, Type: BtrfsKey.DeviceReplacement } && IsReplacing(cursor.Item))
        {
            throw new AllocationException("one of its devices is being replaced");
        }

        cursor.Seek(new(geometry.DeviceId, BtrfsKey.DeviceExtent, 0));
        long at = 0;
        foreach (var (stripe, chunk) in chunks.Stripes)
        {
            if (cursor.IsAtEnd || cursor.Key != new BtrfsKey(geometry.DeviceId, BtrfsKey.DeviceExtent, (ulong)stripe.Offset)
                || cursor.Item.Length < LengthOffset + sizeof(long)
                || BinaryPrimitives.ReadUInt64LittleEndian(cursor.Item[ChunkOffset..]) != chunk.Logical
                || BinaryPrimitives.ReadInt64LittleEndian(cursor.Item[LengthOffset..]) != chunk.DeviceLength)
            {
                throw cursor.Wrong("it has other extents than the chunks");
            }

            Free(at, stripe.Offset);
            at = stripe.Offset + chunk.DeviceLength;
            cursor.MoveNext();
        }

        Free(at, geometry.DeviceBytes);
        if (!cursor.IsAtEnd && cursor.Key is { Type: BtrfsKey.DeviceExtent } key && key.Id == geometry.DeviceId)
        {
            throw cursor.Wrong("it has other extents than the chunks");
        }
    }

    // Under way, or interrupted by a power cut or an unmount (Linux, fs/btrfs/dev-replace.c, which stores the numbers of its ioctl).
    private static bool IsReplacing(ReadOnlySpan<byte> item)
    {
        const int StateOffset = 32;
        const ulong Finished = 2;
        const ulong Cancelled = 3;
        return item.Length < StateOffset + sizeof(ulong)
            || BinaryPrimitives.ReadUInt64LittleEndian(item[StateOffset..]) is not (0 or Finished or Cancelled);
    }

    private long CheckExtents()
    {
        var cursor = trees.OpenExtents();
        var groups = geometry.HasBlockGroupTree ? trees.OpenBlockGroups() : null;
        groups?.Seek(default);
        var extents = new BtrfsExtents(cursor, geometry);
        cursor.Seek(default);
        ulong total = 0;
        foreach (var chunk in chunks.Chunks)
        {
            extents.Continue(chunk);
            var used = Walk(extents, chunk);
            total += used;
            var group = groups is null ? extents.BlockGroup : Next(groups, chunk);
            if (group != new BtrfsBlockGroup(used, chunk.Type))
            {
                throw cursor.Wrong("its extents aren't what their block group has");
            }
        }

        if (!extents.IsAtEnd)
        {
            throw cursor.Wrong("it has extents outside of all chunks");
        }

        return total == geometry.BytesUsed ? extents.Longest : throw cursor.Wrong("its extents aren't what the superblock counts");
    }

    private ulong Walk(BtrfsExtents extents, BtrfsChunk chunk)
    {
        Span<long> ends = [0, 0];
        ulong used = 0;
        while (extents.TryNext(out var start, out var length))
        {
            used += (ulong)length;
            for (var i = 0; i < chunk.Here.Count && !chunk.HasParity; i++)
            {
                var stripe = chunk.Here[i];
                Free(stripe.Offset + ends[i], stripe.Offset + chunk.Project(start, stripe.Column));
                ends[i] = chunk.Project(start + length, stripe.Column);
            }
        }

        for (var i = 0; i < chunk.Here.Count && !chunk.HasParity; i++)
        {
            Free(chunk.Here[i].Offset + ends[i], chunk.Here[i].Offset + chunk.DeviceLength);
        }

        return used;
    }

    private static BtrfsBlockGroup? Next(BtrfsCursor groups, BtrfsChunk chunk)
    {
        if (groups.IsAtEnd || groups.Key != new BtrfsKey(chunk.Logical, BtrfsKey.BlockGroupItem, (ulong)chunk.Length))
        {
            return null;
        }

        var group = BtrfsBlockGroup.Read(groups);
        groups.MoveNext();
        return group;
    }

    private void Free(long start, long end)
    {
        for (; start < end;)
        {
            var extent = BtrfsReserved.Clip(start, end);
            freeBytes += extent.State == AllocationState.Free ? extent.Length : 0;
            start = extent.End;
        }
    }
}
