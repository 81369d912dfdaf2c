using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Tracing;

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
        using var traced = new TracedRun("restore", request.Image);
        var clock = new RunClock(TimeProvider.System);
        var address = ImageAddress.Parse(request.Image);
        using var chain = address.OpenChain(request.Key);
        var image = address.Find(chain);
        var lineage = chain.Lineage(image);
        var hasher = chain.Hasher(image);
        var header = image.Header;
        var view = address.View(lineage, hasher);
        using var target = RestoreTarget.Open(request, header, address.Partition is null, view.Length, chain.Folder.Name);
        var options = IoQueueOptions.Target;
        options = options with { Depth = request.QueueDepth ?? options.Depth };
        if (options.Depth is < 1 or > IoQueueOptions.MaxDepth)
        {
            throw TidemarkException.WrongUse($"A queue of {options.Depth} transfers isn't possible: give 1 to {IoQueueOptions.MaxDepth}.");
        }

        var pacer = RatePacer.For(request.MaxRate, TimeProvider.System);
        using var queue = target.Device.OpenQueue(options);
        using var pipeline = new WindowPipeline(lineage, hasher, queue, Environment.ProcessorCount, pacer, view);
        if (Tracer.On)
        {
            Tracer.Log.QueueOpened(request.Target, queue.Kind, queue.Depth, queue.BufferSize);
        }

        var windowBlocks = queue.BufferSize / header.BlockSize;
        long read = 0;
        Tracer.EnterStage("restore");
        if (target.Keeps)
        {
            address.RequireWholeBlocks(view, header.BlockSize, "Leave --delta out.");
            read = RunDelta();
        }
        else
        {
            Write(new RestorePlan(new MergeCursor(lineage), header.BlockSize, windowBlocks, view), () => Tell(pipeline.DoneBytes));
        }

        Tracer.EnterStage("commit");
        target.Complete();
        return traced.Completed(Result(request, chain.Folder.Name, image, view, pipeline, read, clock));

        long RunDelta()
        {
            using var scan = new SourceScan(
                target.Device, hasher, header.BlockSize, IoQueueOptions.Default, view.Length, pacer);
            var first = view.Offset / header.BlockSize;
            var plan = new DeltaPlan(Chain(first), windowBlocks, DeltaPipeline.MaxRanges);
            var delta = new DeltaPipeline(
                Chain(first), plan, () => Write(plan, () => Tell(scan.DoneBytes)), header.BlockSize,
                hasher.HashBlock(new byte[header.BlockSize]));
            scan.Run(new ShiftedSink(delta, first), () => Tell(scan.DoneBytes), cancellation);
            delta.Complete();
            return scan.ReadBytes;
        }

        MergeCursor Chain(long first)
        {
            var cursor = new MergeCursor(lineage);
            cursor.SkipTo(first);
            return cursor;
        }

        void Write(IWindowSource plan, Action tick) => pipeline.Run(
            plan,
            (offset, length) =>
            {
                if (!target.IsBlank)
                {
                    var began = Tracer.Begin();
                    target.Device.WriteZeros(offset, length);
                    if (began != 0)
                    {
                        Tracer.Log.TargetZeroed(offset, length, Tracer.Since(began));
                    }
                }
            },
            tick,
            request.Target,
            cancellation);

        void Tell(long done)
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("restore", done, view.Length, pipeline.WrittenBytes, clock.Seconds));
            }
        }
    }

    private static RestoreResult Result(
        RestoreRequest request, string chain, ImageReader image, ByteSpan view, WindowPipeline pipeline, long read, RunClock clock)
    {
        // Every image's metadata lists all that couldn't be read at its time, not only what was new.
        var blockSize = image.Header.BlockSize;
        var scope = new ViewScope(view, blockSize);
        var unreadable = pipeline.UnreadableBlocks == 0 ? [] : scope.Clip(image.TryReadMetadata()?.Unreadable ?? []);
        return new RestoreResult
        {
            Chain = chain,
            ImageId = image.Header.ImageId,
            Sequence = image.Header.Sequence,
            Target = request.Target,
            SourceBytes = view.Length,
            ReadBytes = read,
            WrittenBytes = pipeline.WrittenBytes,
            UnreadableBytes = unreadable.Length > 0 ? unreadable.Sum(r => r.Length) : pipeline.UnreadableBlocks * blockSize,
            Unreadable = unreadable,
            Damaged = scope.Clip(pipeline.Damage),
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        };
    }
}
