namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// The map of one device of a btrfs: what is in a chunk and in an extent is used, by the extent tree and never by what caches
/// free space; so are the device's first MiB and the copies of the superblock.
/// </summary>
/// <remarks>
/// A commit writes new trees beside the old ones and then the superblock, so that the trees of the superblock are whole at any
/// moment, and its extent tree knows all that they refer to: relocations, snapshots and files that are being deleted, too. Only
/// the log tree, which a mount replays, is in no extent: with one there is no map. The superblock also has the roots of the last
/// four transactions. A mount goes by them only where it can't read the newest trees, and what they refer to may be overwritten
/// from the commit on; so what only they refer to is free.
/// </remarks>
internal sealed class BtrfsMap : AllocationMap
{
    private readonly BtrfsGeometry geometry;
    private readonly BtrfsChunkTable chunks;
    private readonly BtrfsExtents extents;
    private readonly long longestExtent;
    private readonly long freeBytes;

    private int index = -1;

    // Of the stripe the state of offsets from here on to the end of that used range is known; an empty one stands at its end.
    private long knownFrom;
    private long usedStart;
    private long usedEnd;

    // What was met behind that range.
    private (long Start, long End)? ahead;

    private BtrfsMap(AllocationSource volume, BtrfsGeometry geometry)
    {
        this.geometry = geometry;
        chunks = BtrfsChunkTable.Read(volume, geometry);
        var trees = new BtrfsTrees(chunks, geometry);
        (freeBytes, longestExtent) = BtrfsCheck.Run(geometry, chunks, trees);
        extents = new(trees.OpenExtents(), geometry);
    }

    public override string FileSystem => "btrfs";

    public override long Length => geometry.DeviceBytes;

    public override long UsedBytes => Length - freeBytes;

    /// <summary>The map of a volume that is a device of a btrfs; null where it is none.</summary>
    /// <exception cref="AllocationException">It is, and its map isn't to be believed.</exception>
    public static AllocationMap? TryOpen(AllocationSource volume) =>
        BtrfsGeometry.TryRead(volume) is { } geometry ? new BtrfsMap(volume, geometry) : null;

    protected override AllocationExtent Find(long offset)
    {
        var at = index >= 0 && IsIn(index, offset) ? index : chunks.StripeAt(offset);
        if (at == chunks.Stripes.Count || offset < chunks.Stripes[at].Stripe.Offset)
        {
            return BtrfsReserved.Clip(offset, at == chunks.Stripes.Count ? Length : chunks.Stripes[at].Stripe.Offset);
        }

        var (stripe, chunk) = chunks.Stripes[at];
        if (chunk.HasParity)
        {
            return new(offset, stripe.Offset + chunk.DeviceLength - offset, AllocationState.Used);
        }

        if (at != index || offset < knownFrom)
        {
            Open(at, offset);
        }

        while (usedEnd <= offset && usedEnd > usedStart)
        {
            knownFrom = usedEnd;
            Advance();
        }

        return offset >= usedStart ? new(offset, usedEnd - offset, AllocationState.Used) : BtrfsReserved.Clip(offset, usedStart);
    }

    private bool IsIn(int stripe, long offset) =>
        offset >= chunks.Stripes[stripe].Stripe.Offset && offset < chunks.Stripes[stripe].Stripe.Offset + chunks.Stripes[stripe].Chunk.DeviceLength;

    private void Open(int at, long offset)
    {
        index = -1;
        var (stripe, chunk) = chunks.Stripes[at];

        // An extent that covers the place begins at most the longest one's length before it.
        var place = chunk.Unproject(offset - stripe.Offset, stripe.Column);
        extents.Open(chunk, chunk.Logical + (ulong)Math.Max(0, place - longestExtent));
        index = at;
        ahead = null;
        knownFrom = offset;
        Advance();
    }

    // Extents that follow each other on the device are one range.
    private void Advance()
    {
        var (stripe, chunk) = chunks.Stripes[index];
        usedStart = usedEnd = stripe.Offset + chunk.DeviceLength;
        var hasOne = false;
        for (var next = ahead ?? Next(stripe, chunk); ; next = Next(stripe, chunk))
        {
            ahead = next;
            if (next is not { } range || (hasOne && range.Start > usedEnd))
            {
                return;
            }

            usedStart = hasOne ? usedStart : range.Start;
            usedEnd = range.End;
            hasOne = true;
        }
    }

    private (long Start, long End)? Next(BtrfsStripe stripe, BtrfsChunk chunk)
    {
        while (extents.TryNext(out var start, out var length))
        {
            var range = (Start: stripe.Offset + chunk.Project(start, stripe.Column), End: stripe.Offset + chunk.Project(start + length, stripe.Column));
            if (range.End > range.Start)
            {
                return range;
            }
        }

        return null;
    }
}
