using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>
/// Compares a source as it is now with a point in time, by identity hashes: the source is read once, and no frame of the
/// chain. Ranges that differ are whole blocks, clipped to the smaller of the two; what one of them alone has differs.
/// </summary>
internal sealed class SourceComparison : IScanSink
{
    /// <summary>Ranges kept, 1 MiB of memory; those beyond are counted.</summary>
    public const int MaxRanges = 65536;

    private readonly MergeCursor chain;
    private readonly RangeJoiner joiner;
    private readonly List<ByteRange> ranges = [];
    private readonly int blockSize;
    private readonly long viewOffset;
    private readonly long common;
    private readonly UInt128 zeroHash;
    private readonly FittedContent? fitted;

    private SourceComparison(MergeCursor chain, BlockHasher hasher, int blockSize, long viewOffset, long common, FittedContent? fitted)
    {
        this.chain = chain;
        this.fitted = fitted;
        this.viewOffset = viewOffset;
        chain.SkipTo(viewOffset / blockSize);
        this.blockSize = blockSize;
        this.common = common;
        zeroHash = hasher.HashBlock(new byte[blockSize]);
        joiner = new RangeJoiner(range =>
        {
            if (ranges.Count < MaxRanges)
            {
                ranges.Add(range);
            }
        });
    }

    public IReadOnlyList<ByteRange> Ranges => ranges;

    public long RangeCount => joiner.Count;

    public long Bytes => joiner.Bytes;

    public long ChangedBlocks => joiner.Bytes / blockSize;

    /// <summary>Bytes of the source that couldn't be read.</summary>
    public long UnreadableBytes { get; private set; }

    /// <param name="view">What is compared of the volume; it begins and ends at blocks, or at the volume's end.</param>
    /// <param name="fitted">
    /// Where the image was fitted to a disk of another size: what the disk holds then. What lies behind the volume's end, or
    /// behind the disk's, is nobody's.
    /// </param>
    /// <exception cref="TidemarkException">The chain's index is damaged, or the source can't be read at all.</exception>
    public static SourceComparison Run(
        OpenedSource source, Chain chain, Lineage lineage, ByteRange view, IRunObserver observer, RunClock clock,
        RatePacer? pacer, FittedContent? fitted, CancellationToken cancellation)
    {
        var header = lineage.Header;
        var hasher = chain.Hasher(lineage.Image);
        var device = source.Device;
        var comparison = new SourceComparison(
            new MergeCursor(lineage), hasher, header.BlockSize, view.Offset, Math.Min(device.Length, view.Length), fitted);
        using var scan = new SourceScan(device, hasher, header.BlockSize, IoQueueOptions.Default, pacer: pacer);
        Tracer.EnterStage("scan");
        scan.Run(new ShiftedSink(comparison, view.Offset / header.BlockSize), Tell, cancellation);
        Tracer.EnterStage("verify");
        if (fitted is null)
        {
            comparison.joiner.Add(comparison.common, Math.Max(device.Length, view.Length));
        }
        else
        {
            foreach (var range in fitted.DifferentBehind(comparison.common))
            {
                comparison.joiner.Add(range.Offset, range.Offset + range.Length);
            }
        }

        comparison.joiner.Complete();
        comparison.UnreadableBytes = scan.Bisection.BadBytes;
        return comparison;

        void Tell()
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("compare", scan.DoneBytes, device.Length, comparison.Bytes, clock.Seconds));
            }
        }
    }

    public void Blocks(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes)
    {
        while (chain.Read(first + hashes.Length, out var extent))
        {
            var its = hashes.Slice((int)(extent.First - first), (int)extent.Count);
            if (extent.State == BlockState.Data)
            {
                AddDifferent(extent.First, its, chain.Hashes);
            }
            else if (extent.State.IsZeroContent())
            {
                AddNotZero(extent.First, its);
            }
            else if (extent.State is not (BlockState.Excluded or BlockState.Free))
            {
                // Unreadable when it was imaged, or not in the image at all.
                Add(extent.First, extent.End);
            }
        }
    }

    public void Unreadable(long block, ReadOnlySpan<byte> data, UInt128 hash)
    {
        if (chain.Read(block + 1, out var extent)
            && !(extent.State == BlockState.Unreadable && chain.Hashes[0] == hash) && extent.State is not (BlockState.Excluded or BlockState.Free))
        {
            Add(block, block + 1);
        }
    }

    public void Unread(long first, long count, BlockState state)
    {
        while (chain.Read(first + count, out var extent))
        {
            if (extent.State == BlockState.Data)
            {
                AddNotZero(extent.First, chain.Hashes);
            }
            else if (!extent.State.ReadsAsZeros())
            {
                Add(extent.First, extent.End);
            }
        }
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
                Add(first + i, first + i + 1);
            }
        }
    }

    private void AddNotZero(long first, ReadOnlySpan<UInt128> hashes)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] != zeroHash)
            {
                Add(first + i, first + i + 1);
            }
        }
    }

    private void Add(long first, long end)
    {
        if (fitted is null)
        {
            joiner.Add((first * blockSize) - viewOffset, Math.Min((end * blockSize) - viewOffset, common));
            return;
        }

        for (var block = first; block < end; block++)
        {
            var offset = block * blockSize;
            var length = (int)Math.Min(blockSize, common - offset);
            if (length > 0 && !fitted.IsAsFitted(offset, length))
            {
                joiner.Add(offset, offset + length);
            }
        }
    }
}
