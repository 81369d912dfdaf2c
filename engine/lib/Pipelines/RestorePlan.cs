using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Cuts the state of a volume at an image into windows to be filled and ranges that read as zeros, in block order.
/// Pure data: no frame is read for it.
/// </summary>
internal sealed class RestorePlan : IWindowSource
{
    /// <summary>
    /// A range of zeros shorter than this is written with what lies around it: one larger write costs less than two and
    /// a hole between them.
    /// </summary>
    private const int MinZeroBytes = 64 << 10;

    private readonly MergeCursor chain;
    private readonly int windowBlocks;
    private readonly int minZeroBlocks;
    private readonly long first;
    private readonly long end;
    private readonly LostBlocks? lost;
    private readonly int usualFrame;
    private readonly KeptFree? kept;
    private MergedExtent zeros;

    /// <param name="chain">The lineage's merged index, at its beginning.</param>
    /// <param name="windowBlocks">Blocks of a window at most.</param>
    /// <param name="lost">Takes what no image tells; null to refuse it.</param>
    /// <param name="view">The part of the volume that is planned; null for all of it.</param>
    /// <param name="byFrames">
    /// Whether windows end where frames do, so that none is decoded for two; else they end at multiples of their size, so
    /// that what is laid out in such pieces takes each in one.
    /// </param>
    /// <param name="kept">Which free blocks are left as they are; null if all are to be zeros.</param>
    public RestorePlan(
        MergeCursor chain, int blockSize, int windowBlocks, LostBlocks? lost = null, ByteRange? view = null, bool byFrames = false,
        KeptFree? kept = null)
    {
        this.kept = kept;
        usualFrame = byFrames ? Math.Min(windowBlocks / 2, ImageFormat.DefaultFrameBytes / blockSize) : 0;
        this.lost = lost;
        this.chain = chain;
        this.windowBlocks = windowBlocks;
        minZeroBlocks = Math.Max(1, MinZeroBytes / blockSize);
        (first, end) = view?.Blocks(blockSize) ?? (0, chain.BlockCount);
        chain.SkipTo(first);
    }

    /// <exception cref="TidemarkException">No index of the lineage tells what the extent's blocks hold.</exception>
    public static void RequireKnown(in MergedExtent extent)
    {
        if (extent.State is BlockState.Absent or BlockState.Lost)
        {
            throw TidemarkException.Damaged(
                $"Blocks {extent.First} to {extent.End - 1} stand in no index of the image's lineage: an index is incomplete.");
        }
    }

    public bool TryNext(WindowPlan window, out EmptyBlocks empty)
    {
        empty = default;
        if (zeros.Count > 0)
        {
            return TakeZeros(out empty);
        }

        window.Begin(chain.Position);
        var taken = usualFrame > 0 ? 0 : (chain.Position - first) % windowBlocks;
        var limit = Math.Min(end, chain.Position + windowBlocks - taken);
        while (chain.Position < limit)
        {
            if (!chain.Read(KeptFree.Limit(kept, chain.Position, limit), out var extent))
            {
                break;
            }

            extent = LostBlocks.Take(lost, extent);
            if (extent.State.ReadsAsZeros() && (extent.Count >= minZeroBlocks || window.Blocks == 0))
            {
                zeros = extent;
                break;
            }

            window.Add(extent, extent.State.IsStored() ? chain.Hashes : []);
            if (extent.End < limit && limit - extent.End < usualFrame)
            {
                // The extent ends with its frame, and the next frame would be cut.
                break;
            }
        }

        return window.Blocks > 0 || TakeZeros(out empty);
    }

    /// <summary>Takes the pending zeros, or free blocks, and all like them that follow.</summary>
    private bool TakeZeros(out EmptyBlocks empty)
    {
        var isKept = KeptFree.Leaves(kept, zeros);
        empty = new EmptyBlocks(zeros.First, zeros.Count, isKept);
        if (zeros.Count == 0)
        {
            return false;
        }

        zeros = default;
        while (chain.PeekZeros(out var zeroEnd) && chain.Position < end)
        {
            Invariant.Holds(zeroEnd > chain.Position);
            chain.Read(KeptFree.Limit(kept, chain.Position, Math.Min(zeroEnd, end)), out var extent);
            if (KeptFree.Leaves(kept, extent) != isKept)
            {
                zeros = extent;
                break;
            }

            empty = empty with { Count = empty.Count + extent.Count };
        }

        return true;
    }
}
