using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations;

/// <summary>Brings a point in time back, bit for bit.</summary>
public static class Restore
{
    /// <summary>
    /// Restores an image. Damage in the chain doesn't stop it: damaged blocks become zeros and are listed in the result.
    /// </summary>
    /// <exception cref="TidemarkException">The image can't be restored, or the target not be written.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled; a file made for the restore is removed, a block device is left half written.
    /// </exception>
    public static RestoreResult Run(RestoreRequest request, IRunObserver observer, CancellationToken cancellation = default)
    {
        var clock = new RunClock(TimeProvider.System);
        var address = ImageAddress.Parse(request.Image);
        using var chain = address.OpenChain(request.Key);
        var image = address.Find(chain);
        var lineage = chain.Lineage(image);
        var hasher = chain.Hasher(image);
        var header = image.Header;
        using var target = RestoreTarget.Open(request, image, chain.Folder.Name);
        var options = IoQueueOptions.Default;
        options = options with { Depth = request.QueueDepth ?? options.Depth };
        if (options.Depth is < 1 or > IoQueueOptions.MaxDepth)
        {
            throw TidemarkException.WrongUse($"A queue of {options.Depth} transfers isn't possible: give 1 to {IoQueueOptions.MaxDepth}.");
        }

        using var queue = target.Device.OpenQueue(options);
        using var pipeline = new WindowPipeline(lineage, hasher, queue, Environment.ProcessorCount);
        var plan = new RestorePlan(new MergeCursor(lineage), header.BlockSize, queue.BufferSize / header.BlockSize);
        pipeline.Run(
            plan,
            (offset, length) =>
            {
                if (!target.IsBlank)
                {
                    target.Device.WriteZeros(offset, length);
                }
            },
            () => Tell(),
            request.Target,
            cancellation);
        target.Complete();
        return Result(request, chain.Folder.Name, image, pipeline, clock);

        void Tell()
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress(
                    "restore", pipeline.DoneBytes, header.SourceBytes, pipeline.WrittenBytes, clock.Seconds));
            }
        }
    }

    private static RestoreResult Result(
        RestoreRequest request, string chain, ImageReader image, WindowPipeline pipeline, RunClock clock)
    {
        var blockSize = image.Header.BlockSize;
        var unreadable = pipeline.UnreadableBlocks == 0 ? [] : UnreadableRanges(image);
        return new RestoreResult
        {
            Chain = chain,
            ImageId = image.Header.ImageId,
            Sequence = image.Header.Sequence,
            Target = request.Target,
            SourceBytes = image.Header.SourceBytes,
            WrittenBytes = pipeline.WrittenBytes,
            UnreadableBytes = unreadable.Length > 0 ? unreadable.Sum(r => r.Length) : pipeline.UnreadableBlocks * blockSize,
            Unreadable = unreadable,
            Damaged = [.. pipeline.Damage.Select(d => new DamagedRange(
                d.FirstBlock * blockSize, d.Count * blockSize, d.Sequence, d.Reason))],
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        };
    }

    /// <summary>Every image's metadata lists all that couldn't be read at its time, not only what was new.</summary>
    private static ByteRange[] UnreadableRanges(ImageReader image) =>
        ByteRange.FromPairs(image.TryReadMetadata()?.Unreadable ?? []);
}
