using Tidemark.Engine.Chains;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Operations.Diffs;

/// <summary>Tells which ranges of a volume differ between two points in time of one chain. No frame is read for it.</summary>
public static class Diff
{
    /// <summary>
    /// Merges the indexes of both images and streams the ranges that differ, joined and in order. Ranges are whole
    /// blocks, clipped to the smaller volume; what the larger one alone has differs.
    /// </summary>
    /// <param name="onRange">Told each range as soon as it is known.</param>
    /// <exception cref="TidemarkException">An image isn't there, its lineage isn't whole, or they aren't of one chain.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DiffResult Run(
        DiffRequest request, Action<ByteRange> onRange, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(onRange);
        ArgumentNullException.ThrowIfNull(observer);
        var from = request.From.RequireWhole();
        var to = request.To.RequireWhole();
        using var fromChain = from.OpenChain(request.Key);
        if (from.Location.IsSame(to.Location))
        {
            return Run(fromChain, from.Find(fromChain, observer.Warn), fromChain, to.Find(fromChain, observer.Warn), onRange, observer, cancellation);
        }

        // The two may stand in copies of the chain.
        using var toChain = to.OpenChain(request.Key);
        return Run(fromChain, from.Find(fromChain, observer.Warn), toChain, to.Find(toChain, observer.Warn), onRange, observer, cancellation);
    }

    internal static DiffResult Run(
        Chain fromChain, ImageReader from, Chain toChain, ImageReader to, Action<ByteRange> onRange, IRunObserver observer,
        CancellationToken cancellation)
    {
        var clock = new RunClock(TimeProvider.System);
        fromChain.Cancellation = cancellation;
        toChain.Cancellation = cancellation;
        RequireOneChain(fromChain, from, toChain, to);
        var blockSize = from.Header.BlockSize;
        var small = Math.Min(from.Header.SourceBytes, to.Header.SourceBytes);
        var large = Math.Max(from.Header.SourceBytes, to.Header.SourceBytes);
        var joiner = new RangeJoiner(onRange);
        var zeroHash = fromChain.Hasher(from).HashBlock(new byte[blockSize]);
        var pair = new CursorPair(
            new MergeCursor(fromChain.Lineage(from)), new MergeCursor(toChain.Lineage(to)), zeroHash);
        pair.Compare(
            0, (small + blockSize - 1) / blockSize,
            (first, end) => joiner.Add(first * blockSize, Math.Min(end * blockSize, small)),
            Tell);
        joiner.Add(small, large);
        joiner.Complete();
        return new DiffResult(
            toChain.Folder.Name, from.Header.Sequence, to.Header.Sequence, from.Header.SourceBytes, to.Header.SourceBytes,
            blockSize, joiner.Count, joiner.Bytes, clock.Seconds);

        void Tell(long block)
        {
            cancellation.ThrowIfCancellationRequested();
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("diff", Math.Min(block * blockSize, small), large, joiner.Bytes, clock.Seconds));
            }
        }
    }

    /// <summary>Hashes can be compared only where the same key made them.</summary>
    internal static void RequireOneChain(Chain fromChain, ImageReader from, Chain toChain, ImageReader to)
    {
        Span<byte> fromKey = stackalloc byte[BlockHasher.KeySize];
        Span<byte> toKey = stackalloc byte[BlockHasher.KeySize];
        HashKey(fromChain, from, fromKey);
        HashKey(toChain, to, toKey);
        if (from.Header.ChainId != to.Header.ChainId
            || from.Header.BlockSize != to.Header.BlockSize
            || from.Header.Hash != to.Header.Hash
            || !fromKey.SequenceEqual(toKey))
        {
            throw TidemarkException.WrongUse(
                $"Image {from.Header.Sequence} of {fromChain.Folder.Name} and image {to.Header.Sequence} of {toChain.Folder.Name} "
                + "aren't of the same chain, so their blocks can't be compared by the index. Restore both and compare the results.");
        }
    }

    private static void HashKey(Chain chain, ImageReader image, Span<byte> key)
    {
        image.Header.HashKey.Span.CopyTo(key);
        chain.Keys?.DeriveIdentityKey(key);
    }
}
