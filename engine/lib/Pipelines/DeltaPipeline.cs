using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Compares a target as it is with an image while it is scanned, and has written what differs. The way of a restore onto
/// an older copy: it costs a scan, and the difference.
/// </summary>
/// <remarks>
/// What is written was scanned before, and the transfers still in flight read blocks behind it, so that reads and
/// writes never meet.
/// </remarks>
internal sealed class DeltaPipeline : IScanSink
{
    /// <summary>
    /// Ranges that differ before they are written: enough to keep all workers busy, little enough that the device's
    /// queue of reads, which rests meanwhile, is soon served again.
    /// </summary>
    public const int MaxRanges = 1024;

    /// <summary>Blocks that differ before they are written: as many as 16 MiB of the smallest blocks.</summary>
    private const long MaxBlocks = 4096;

    private readonly MergeCursor chain;
    private readonly DeltaPlan plan;
    private readonly Action write;
    private readonly int blockSize;
    private readonly UInt128 zeroHash;
    private readonly KeptFree? kept;
    private long written;

    /// <param name="chain">The lineage's merged index, at its beginning; not the one of the plan.</param>
    /// <param name="plan">Gets the blocks that differ.</param>
    /// <param name="write">Carries out what the plan holds.</param>
    /// <param name="kept">Which free blocks are left as they are; null if all are to be zeros.</param>
    public DeltaPipeline(MergeCursor chain, DeltaPlan plan, Action write, int blockSize, UInt128 zeroHash, KeptFree? kept = null)
    {
        this.kept = kept;
        this.chain = chain;
        this.plan = plan;
        this.write = write;
        this.blockSize = blockSize;
        this.zeroHash = zeroHash;
    }

    public long ChangedBlocks => plan.Blocks;

    public void Blocks(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes)
    {
        while (chain.Read(KeptFree.Limit(kept, chain.Position, first + hashes.Length), out var extent))
        {
            var at = (int)(extent.First - first);
            var its = hashes.Slice(at, (int)extent.Count);
            if (extent.State.IsStored())
            {
                AddDifferent(extent.First, its, chain.Hashes);
            }
            else if (!TookLost(extent) && !KeptFree.Leaves(kept, extent))
            {
                AddNotZero(extent.First, data.Slice(at * blockSize, its.Length * blockSize), its);
            }
        }

        WriteIfMany();
    }

    public void Unreadable(long block, ReadOnlySpan<byte> data, UInt128 hash)
    {
        if (chain.Read(block + 1, out var extent) && !KeptFree.Leaves(kept, extent))
        {
            // Writing may heal the sector; and whatever it held, it isn't known to be what the image holds.
            plan.Add(block, block + 1);
            WriteIfMany();
        }
    }

    public void Unread(long first, long count, BlockState state)
    {
        // Here everything reads as zeros, and blocks of zeros are never stored.
        while (chain.Read(first + count, out var extent))
        {
            if (extent.State.IsStored())
            {
                plan.Add(extent.First, extent.End);
                WriteIfMany();
            }
            else
            {
                TookLost(extent);
            }
        }
    }

    /// <summary>Has written what is left at the end of the scan.</summary>
    public void Complete() => write();

    private void WriteIfMany()
    {
        if (plan.Ranges >= MaxRanges || plan.Blocks - written >= MaxBlocks)
        {
            write();
            written = plan.Blocks;
        }
    }

    /// <summary>What is lost is zeros in the target, and never what an older copy happens to hold.</summary>
    private bool TookLost(in MergedExtent extent)
    {
        if (extent.State is not (BlockState.Lost or BlockState.Absent))
        {
            return false;
        }

        plan.Add(extent.First, extent.End);
        WriteIfMany();
        return true;
    }

    private void AddDifferent(long first, ReadOnlySpan<UInt128> its, ReadOnlySpan<UInt128> known)
    {
        if (its.SequenceEqual(known))
        {
            return;
        }

        for (var i = 0; i < its.Length; i++)
        {
            if (its[i] != known[i])
            {
                plan.Add(first + i, first + i + 1);
            }
        }
    }

    private void AddNotZero(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> its)
    {
        for (var i = 0; i < its.Length; i++)
        {
            // Nothing proves zeros later on, so the hash alone doesn't decide.
            if (its[i] != zeroHash || !Layout.AllZero(data.Slice(i * blockSize, blockSize)))
            {
                plan.Add(first + i, first + i + 1);
            }
        }
    }
}
