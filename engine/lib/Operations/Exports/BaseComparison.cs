using System.Diagnostics;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Index;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>
/// Finds what an export differs in from its base by merging both indexes, and has it written a few ranges at a time. It
/// doesn't matter which of the two images is older, or whether one descends from the other.
/// </summary>
internal sealed class BaseComparison
{
    private readonly ExportPoint point;
    private readonly ExportBase below;
    private readonly Action<IWindowSource, long> write;
    private readonly Action<long> tell;
    private readonly DeltaPlan plan;
    private readonly int blockSize;
    private readonly long unitBlocks;
    private readonly long first;
    private readonly long end;
    private long taken;

    /// <param name="windowBlocks">Blocks of a window at most.</param>
    /// <param name="write">Carries out a plan; told how far the comparison is, in bytes.</param>
    /// <param name="tell">Told now and then how far the comparison is.</param>
    public BaseComparison(
        ExportPoint point, ExportBase below, int windowBlocks, Action<IWindowSource, long> write, Action<long> tell)
    {
        this.point = point;
        this.below = below;
        this.write = write;
        this.tell = tell;
        blockSize = point.Lineage.Header.BlockSize;
        unitBlocks = Math.Max(1, point.Layout.BaseUnit / blockSize);
        (first, end) = point.View.Blocks(blockSize);
        taken = first;
        var chain = new MergeCursor(point.Lineage);
        chain.SkipTo(first);
        plan = new DeltaPlan(chain, windowBlocks, DeltaPipeline.MaxRanges, point.Lost);
    }

    /// <exception cref="TidemarkException">The base holds another part of the volume, or a size that the format can't have on it.</exception>
    public static void RequireFitting(ExportBase below, ImageAddress address, Chain chain, ByteRange view, ExportLayout layout)
    {
        var its = address.View(chain.Lineage(below.Image), chain.Hasher(below.Image));
        var header = below.Image.Header;
        if (its.Offset != view.Offset)
        {
            throw TidemarkException.WrongUse(
                $"Partition {address.Partition} begins elsewhere in image {header.Sequence}, which the base was made from. Export it without a base.");
        }

        if (view.Offset % header.BlockSize != 0 && layout.BaseUnit > 1)
        {
            throw TidemarkException.WrongUse(
                $"Partition {address.Partition} begins within a block of the chain, so that a qcow2 file of it can't build on a base. Export it without a base.");
        }

        if (layout.Format == ExportFormat.Vhd && below.DiskBytes != layout.DiskBytes)
        {
            throw TidemarkException.WrongUse(
                $"The base holds {below.DiskBytes} bytes and the image {layout.DiskBytes}, and a differencing VHD has the size of its parent. Export it without a base, or as vhdx.");
        }
    }

    public void Run(CancellationToken cancellation)
    {
        var baseLineage = point.Chain.Lineage(below.Image);
        var zeroHash = point.Chain.Hasher(point.Lineage.Image).HashBlock(new byte[blockSize]);
        var pair = new CursorPair(new MergeCursor(baseLineage), new MergeCursor(point.Lineage), zeroHash);

        // A block that only one of the disks ends in reads on differently in the other; it counts as different.
        var common = below.DiskBytes == point.Layout.DiskBytes
            ? end
            : Math.Clamp((point.View.Offset + below.DiskBytes) / blockSize, first, end);
        common = Math.Min(common, below.Image.Header.BlockCount);
        pair.Compare(first, common, Add, Tell);
        Add(common, end);
        Flush(end);
        Debug.Assert(taken <= end);

        void Tell(long block)
        {
            cancellation.ThrowIfCancellationRequested();
            tell((block - first) * blockSize);
        }
    }

    /// <summary>Rounds a range to what the file holds together, and leaves out what was added with the range before.</summary>
    private void Add(long from, long to)
    {
        from = Math.Max(taken, first + ((from - first) / unitBlocks * unitBlocks));
        to = Math.Min(end, first + ((to - first + unitBlocks - 1) / unitBlocks * unitBlocks));
        if (from >= to)
        {
            return;
        }

        plan.Add(from, to);
        taken = to;
        if (plan.Ranges >= DeltaPipeline.MaxRanges)
        {
            Flush(to);
        }
    }

    private void Flush(long block)
    {
        if (plan.Ranges > 0)
        {
            write(plan, (block - first) * blockSize);
        }
    }
}
