using Tidemark.Engine.Chains;
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
    /// Restores an image. Damage of blocks doesn't stop it: they become zeros and are listed in the result. Where an ancestor
    /// is missing or an index is damaged, it is refused unless it is to be salvaged.
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
        var found = request.Salvage ? chain.Salvage(image) : new SalvagedLineage(chain.Lineage(image), 0, "");
        var lineage = found.Images;
        var hasher = chain.Hasher(image);
        var header = image.Header;
        var view = address.View(lineage, hasher);
        var scope = new ViewScope(view, header.BlockSize);
        if (request.Unreadable == UnreadableSectors.Fail)
        {
            RequireReadable(chain, image, Merge(), scope);
        }

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

        var lost = new LostBlocks(lineage, found.MissingSequence, found.Problem, request.Salvage);
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
            Write(new RestorePlan(Merge(), header.BlockSize, windowBlocks, lost, view), () => Tell(pipeline.DoneBytes));
        }

        Tracer.EnterStage("commit");
        target.Complete();
        return traced.Completed(Result(request, chain.Folder.Name, image, scope, pipeline, lost, read, clock));

        MergeCursor Merge() => request.Salvage ? MergeCursor.Salvage(lineage, found.IsCutOff) : new MergeCursor(lineage);

        long RunDelta()
        {
            using var scan = new SourceScan(
                target.Device, hasher, header.BlockSize, IoQueueOptions.Default, view.Length, pacer);
            var first = view.Offset / header.BlockSize;
            var plan = new DeltaPlan(MergeFrom(first), windowBlocks, DeltaPipeline.MaxRanges, lost);
            var delta = new DeltaPipeline(
                MergeFrom(first), plan, () => Write(plan, () => Tell(scan.DoneBytes)), header.BlockSize,
                hasher.HashBlock(new byte[header.BlockSize]));
            scan.Run(new ShiftedSink(delta, first), () => Tell(scan.DoneBytes), cancellation);
            delta.Complete();
            return scan.ReadBytes;
        }

        MergeCursor MergeFrom(long first)
        {
            var cursor = Merge();
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
        RestoreRequest request, string chain, ImageReader image, ViewScope scope, WindowPipeline pipeline, LostBlocks lost, long read,
        RunClock clock)
    {
        var unreadable = pipeline.UnreadableBlocks == 0 ? [] : UnreadableRanges(image, scope);
        return new RestoreResult
        {
            Chain = chain,
            ImageId = image.Header.ImageId,
            Sequence = image.Header.Sequence,
            Target = request.Target,
            SourceBytes = scope.View.Length,
            ReadBytes = read,
            WrittenBytes = pipeline.WrittenBytes,
            UnreadableBytes = unreadable.Length > 0 ? unreadable.Sum(r => r.Length) : pipeline.UnreadableBlocks * scope.BlockSize,
            Unreadable = unreadable,
            Damaged = scope.Clip([.. pipeline.Damage.Concat(lost.Damage).OrderBy(d => d.FirstBlock)]),
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        };
    }

    /// <summary>Refuses a point in time that has unreadable sectors; its index tells.</summary>
    private static void RequireReadable(Chain chain, ImageReader image, MergeCursor cursor, ViewScope scope)
    {
        var (first, end) = scope.View.Blocks(scope.BlockSize);
        cursor.SkipTo(first);
        var blocks = 0L;
        while (cursor.Read(end, out var run))
        {
            blocks += run.State == BlockState.Unreadable ? run.Count : 0;
        }

        if (blocks == 0)
        {
            return;
        }

        var ranges = UnreadableRanges(image, scope);
        var where = ranges.Length == 0 ? "" : $": bytes {string.Join(", ", ranges.Take(8).Select(r => $"{r.Offset} to {r.Offset + r.Length - 1}"))}"
            + (ranges.Length > 8 ? $" and {ranges.Length - 8} ranges more" : "");
        throw TidemarkException.Failed(
            $"Image {image.Header.Sequence} of {chain.Folder.Name} has sectors in {blocks} blocks that couldn't be read when it was made{where}. "
            + "Nothing was written. Say --unreadable pattern to restore it with a pattern there, or restore an older image.");
    }

    /// <summary>Every image's metadata lists all that couldn't be read at its time, not only what was new.</summary>
    private static ByteRange[] UnreadableRanges(ImageReader image, ViewScope scope) =>
        scope.Clip(image.TryReadMetadata()?.Unreadable ?? []);
}
