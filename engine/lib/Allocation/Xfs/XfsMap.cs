using System.Diagnostics;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// The map of an XFS: what its groups' trees by block number call free is free, all else is used (superblocks, headers, log, free
/// lists, the trees, blocks held for copy-on-write).
/// </summary>
/// <remarks>
/// Blocks of an extent that is allocated and unwritten are used, as are those behind the end of a file. Chunks of inodes may have
/// holes that are free (sparse inodes): they are aligned to what an inode is read with, so that nobody reads into one.
/// </remarks>
internal sealed class XfsMap : AllocationMap
{
    private readonly AllocationSource volume;
    private readonly XfsGeometry geometry;
    private readonly ulong logHead;
    private readonly XfsFreeTree tree;
    private readonly byte[] sector;

    private long group = -1;

    // The state of offsets from here to the end of that free extent, or of the group where there is none, is known.
    private long knownFrom;
    private long freeStart;
    private long freeEnd;

    private XfsMap(AllocationSource volume, XfsGeometry geometry, ulong logHead)
    {
        this.volume = volume;
        this.geometry = geometry;
        this.logHead = logHead;
        sector = new byte[geometry.SectorSize];
        tree = new(volume, geometry, logHead);
    }

    public override string FileSystem => "xfs";

    public override long Length => geometry.Length;

    public override long UsedBytes => Length - FreeBytes;

    private long FreeBytes { get; set; }

    /// <summary>The map of a volume that holds an XFS; null where it holds none.</summary>
    /// <exception cref="AllocationException">It does, and its map isn't to be believed.</exception>
    public static AllocationMap? TryOpen(AllocationSource volume)
    {
        var superblock = new byte[Math.Min(XfsGeometry.MaxSectorSize, volume.Length)];
        if (superblock.Length < XfsGeometry.BasicBlock)
        {
            return null;
        }

        volume.Read(0, superblock.AsSpan(0, XfsGeometry.BasicBlock));
        if (!superblock.AsSpan().StartsWith("XFSB"u8))
        {
            return null;
        }

        volume.Read(0, superblock);
        var geometry = XfsGeometry.Read(superblock, volume.Length);
        var log = XfsLog.RequireAtRest(volume, geometry, superblock);
        var map = new XfsMap(volume, geometry, log.Head);
        map.Check(log.WasUnmounted && geometry.HasLazyCounters ? XfsGeometry.FreeBlocks(superblock) : null);
        return map;
    }

    protected override AllocationExtent Find(long offset)
    {
        var wanted = offset / geometry.BlockSize / geometry.GroupBlocks;
        if (wanted != group || offset < knownFrom)
        {
            group = -1;
            OpenGroup((uint)wanted, (uint)((offset / geometry.BlockSize) - (wanted * geometry.GroupBlocks)));
            group = wanted;
            knownFrom = offset;
            Advance();
        }

        while (freeEnd <= offset && freeEnd > freeStart)
        {
            knownFrom = freeEnd;
            Advance();
        }

        return offset < freeStart ? new(offset, freeStart - offset, AllocationState.Used) : new(offset, freeEnd - offset, AllocationState.Free);
    }

    // With none left an empty one stands at the group's end.
    private void Advance()
    {
        var isFree = tree.TryNext(out var start, out var length);
        freeStart = geometry.OffsetOf((uint)group, isFree ? start : geometry.BlocksOf((uint)group));
        freeEnd = freeStart + ((long)length * geometry.BlockSize);
    }

    private XfsAgf OpenGroup(uint number, uint block)
    {
        var agf = XfsAgf.Read(volume, geometry, number, logHead, sector);
        tree.Open(agf, XfsAgfl.Read(volume, geometry, agf, logHead, sector), block);
        return agf;
    }

    private void Check(ulong? freeBlocks)
    {
        var byCount = new XfsCountTree(volume, geometry, logHead);
        ulong free = 0;
        ulong unused = 0;
        for (uint number = 0; number < geometry.Groups; number++)
        {
            XfsAgi.Check(volume, geometry, number, logHead, sector);
            var agf = OpenGroup(number, 0);
            while (tree.TryNext(out _, out _))
            {
            }

            if (!geometry.HasChecksums && byCount.Sum(agf) != tree.Sum)
            {
                throw XfsMetadata.Wrong(XfsTreeBlock.Name, number, "the one by length has other extents");
            }

            free += agf.FreeBlocks;
            unused += (ulong)agf.FreeBlocks + agf.ListCount + agf.TreeBlocks;
        }

        if (freeBlocks is { } counted && counted != unused)
        {
            throw new AllocationException("its count of free blocks isn't what its groups have");
        }

        FreeBytes = (long)free * geometry.BlockSize;
        Debug.Assert(FreeBytes <= Length);
    }
}
