using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// The log of an XFS, so far as it has to be known whether a recovery changes anything (XFS Algorithms and Data Structures,
/// "Journaling Log"; Linux, fs/xfs/xfs_log_recover.c, xlog_find_tail).
/// </summary>
/// <remarks>
/// Recovery changes nothing in two cases. An unmount ends the log with a record of its own. And a file system that is held still
/// (fsfreeze), or was at rest for a minute, writes all metadata to its place and then logs its superblock, twice, so that the log
/// is dirty and the next mount looks for files that were deleted while open: a log of superblocks only, and the superblock as
/// it says is, where things lie, the one on the volume. What that mount then frees is used here, and blocks that it takes it
/// fills before it reads them. All else, and whatever isn't as the kernel leaves it, counts as changes that aren't in place.
/// </remarks>
internal sealed class XfsLog
{
    /// <summary>
    /// Basic blocks before the head that may have been written out of order, by what a kernel has in flight (8 records of 256 KiB;
    /// XLOG_TOTAL_REC_SHIFT). The same number is looked at behind the head, which the kernel overwrites with the last cycle at mount.
    /// </summary>
    private const int InFlight = 8 * XfsLogRecord.MaxData / XfsGeometry.BasicBlock;

    /// <summary>Records that are looked into: a file system at rest logs its superblock twice.</summary>
    private const int MaxRecords = 8;

    private const byte UnmountFlag = 0x20;

    private readonly XfsLogBlocks blocks;
    private readonly XfsGeometry geometry;
    private readonly int head;

    private XfsLog(XfsLogBlocks blocks, XfsGeometry geometry)
    {
        this.blocks = blocks;
        this.geometry = geometry;
        (head, var cycle) = FindHead();
        Head = XfsLogRecord.Sequence(head == blocks.Count ? cycle + 1 : cycle, head % blocks.Count);
    }

    /// <summary>Cycle and block of the next record: no metadata is newer.</summary>
    public ulong Head { get; }

    /// <summary>Whether it ends with an unmount, so that all counters are exact.</summary>
    public bool WasUnmounted { get; private set; }

    /// <param name="volume">Whose log it is.</param>
    /// <param name="geometry">Where things lie on it.</param>
    /// <param name="superblock">The sector of the superblock.</param>
    /// <exception cref="AllocationException">A recovery could change the map.</exception>
    public static XfsLog RequireAtRest(AllocationSource volume, XfsGeometry geometry, ReadOnlySpan<byte> superblock)
    {
        var log = new XfsLog(new(volume, geometry), geometry);
        log.CheckRecords(superblock, volume.Length);
        return log;
    }

    public static AllocationException Unclear(string what) => new($"its log can't be understood: {what}");

    private static AllocationException Dirty() =>
        new("its log holds changes that aren't in their places (it was mounted, and not held still)");

    private (int Head, uint Cycle) FindHead()
    {
        var first = blocks.Cycle(0);
        var last = blocks.Cycle(blocks.Count - 1);
        if (first == 0 || (last != first && last != first - 1))
        {
            // What a new file system never wrote is zeros, and of the first cycle.
            throw Unclear("its cycles don't follow each other");
        }

        var found = last == first ? blocks.Count : FirstOf(last);
        var before = Math.Max(0, found - InFlight);
        var wrapped = Math.Max(0, InFlight - found);
        var behind = Math.Min(blocks.Count, found + InFlight);
        if (!blocks.AreOf(first, before, found) || !blocks.AreOf(last, found, behind)
            || (found < blocks.Count && !blocks.AreOf(last, Math.Max(found, blocks.Count - wrapped), blocks.Count)))
        {
            throw Dirty();
        }

        return (found, first);
    }

    // As the kernel searches (xlog_find_cycle_start), to come to the same place.
    private int FirstOf(uint cycle)
    {
        var (first, end) = (0, blocks.Count - 1);
        while (end - first > 1)
        {
            var middle = (int)(((long)first + end) / 2);
            if (blocks.Cycle(middle) == cycle)
            {
                end = middle;
            }
            else
            {
                first = middle;
            }
        }

        return end;
    }

    private void CheckRecords(ReadOnlySpan<byte> superblock, long length)
    {
        var at = LastRecord();
        var last = XfsLogRecord.Read(blocks, geometry, at);
        if ((at + last.Blocks) % blocks.Count != head % blocks.Count)
        {
            throw Dirty();
        }

        if (last.Operations == 1 && (last.Data[9] & UnmountFlag) != 0)
        {
            WasUnmounted = true;
            return;
        }

        var change = new XfsSuperblockChange(superblock[..geometry.SectorSize]);
        at = (int)Math.Min((uint)last.Tail, int.MaxValue);
        for (var i = 0; at != head % blocks.Count; i++)
        {
            if (i == MaxRecords || at >= blocks.Count || !blocks.BeginsRecord(at))
            {
                throw Dirty();
            }

            var record = XfsLogRecord.Read(blocks, geometry, at);
            if (!record.IsLittleEndian || !change.TryApply(record))
            {
                throw Dirty();
            }

            at = (at + record.Blocks) % blocks.Count;
        }

        if (XfsGeometry.Read(change.Superblock, length, withChecksum: false) != geometry)
        {
            throw Dirty();
        }
    }

    private int LastRecord()
    {
        for (var i = 1; i <= Math.Min(XfsLogRecord.MaxBlocks, blocks.Count); i++)
        {
            var at = (int)(((long)head + blocks.Count - i) % blocks.Count);
            if (blocks.BeginsRecord(at))
            {
                return at;
            }
        }

        throw Unclear("it has no record at its end");
    }
}
