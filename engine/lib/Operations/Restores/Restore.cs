using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Tracing;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>Brings a point in time back, bit for bit.</summary>
public static class Restore
{
    /// <summary>
    /// Restores an image. Damage of blocks doesn't stop it: they become zeros and are listed in the result. Where an ancestor
    /// is missing or an index is damaged, it is refused unless it is to be salvaged.
    /// </summary>
    /// <exception cref="TidemarkException">The image can't be restored, or the target not be written.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled; a file made for the restore is removed unless it is to be resumed, any other target is left unfinished,
    /// with a marker at its start.
    /// </exception>
    public static RestoreResult Run(RestoreRequest request, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        using var traced = new TracedRun("restore", request.Image.Text);
        var clock = new RunClock(TimeProvider.System);
        var address = request.Image;
        using var chain = address.OpenChain(request.Key);
        return traced.Completed(Run(
            chain, address.Find(chain, observer.Warn), address, request,
            (identity, marker, fit) => RestoreTarget.Open(request, identity, marker, fit), RestoreQueues.Default, observer,
            clock, cancellation));
    }

    /// <summary>The same for a chain of any store, and any target.</summary>
    /// <param name="address">Which part of the image is meant.</param>
    /// <param name="open">Opens the target.</param>
    internal static RestoreResult Run(
        Chain chain, ImageReader image, ImageAddress address, RestoreRequest request, TargetOpener open, RestoreQueues queues,
        IRunObserver observer, RunClock clock, CancellationToken cancellation)
    {
        chain.Cancellation = cancellation;
        var lineage = request.Salvage ? chain.LineageWithGaps(image) : chain.Lineage(image);
        var hasher = chain.Hasher(image);
        var header = image.Header;
        var part = address.View(lineage, hasher);
        WarnOfMetadata(image, observer);
        var unreadable = IndexLookAhead.Run(chain, image, Merge(), request.Salvage, part, cancellation);
        if (request.Unreadable == UnreadableSectors.Fail && unreadable > 0)
        {
            throw Unreadable(chain, image, unreadable, part);
        }

        TargetName.Warn(request.Target, lineage, hasher, observer);
        var whole = address.Partition is null;
        var marker = new RestoreMarker(header.ChainId, header.ImageId, header.Sequence, part.Offset, part.Length);
        using var target = open(
            whole ? header.Identity : SourceIdentity.None, marker, device => FitTo(device, lineage, hasher, part, whole, request));
        var view = part with { Length = target.Fit.CopyBytes };
        var head = view.Length >= RestoreMarker.Size && target.Device is not StreamDevice ? new HeldHead(target.Device, marker, target.IsBlank) : null;
        var options = queues.Writes;
        // Where the target is read as well, that queue takes its share of the memory.
        options = options with { Depth = request.QueueDepth ?? (target.Keeps ? (options.Depth + 1) / 2 : options.Depth) };
        if (options.Depth is < 1 or > IoQueueOptions.MaxDepth)
        {
            throw TidemarkException.WrongUse($"A queue of {options.Depth} transfers isn't possible: give 1 to {IoQueueOptions.MaxDepth}.");
        }

        var pacer = RatePacer.For(request.MaxRate, TimeProvider.System);
        using var queue = target.Device.OpenQueue(options);
        using var pipeline = new WindowPipeline(lineage, hasher, queue, queues.Workers, pacer, view, head);
        if (Tracer.On)
        {
            Tracer.Log.QueueOpened(request.Target.Text, queue.Kind, queue.Depth, queue.BufferSize);
        }

        var lost = new LostBlocks(lineage, request.Salvage);
        var kept = Kept();
        var trimmed = true;
        long free = 0;
        var windowBlocks = queue.BufferSize / header.BlockSize;
        long read = 0;
        string? rewritten = null;
        Tracer.EnterStage("restore");
        try
        {
            if (target.Keeps)
            {
                address.RequireWholeBlocks(view, header.BlockSize, "Restore all of it.");
                read = RunDelta();
            }
            else
            {
                head?.Place();
                Write(new RestorePlan(Merge(), header.BlockSize, windowBlocks, lost, view, byFrames: true, kept), () => Tell(pipeline.DoneBytes));
            }

            Tracer.EnterStage("commit");
            Edit(target, head);
            head?.Release();
        }
        catch (Exception) when (head is { IsPlaced: true } && target.StaysUnfinished)
        {
            observer.Warn($"{request.Target} is unfinished and says so in its first bytes.", Advice.Resume);
            throw;
        }

        var unseen = target.Complete();
        return Result(request, chain.Folder.Name, image, view, pipeline, lost, clock) with
        {
            TargetBytes = target.Device.Length,
            Resumed = target.Resumed,
            Fitted = target.Fit.Notes,
            Notes = [.. new[] { rewritten, target.Fit.Leftover, unseen, target.Fit.Growth, trimmed ? null : $"{request.Target} can't be trimmed: free blocks hold what they held" }.OfType<string>()],
            FreeBytes = free,
            ReadBytes = read,
        };

        KeptFree? Kept()
        {
            if (request.Free == FreeContent.Zero || !target.HoldsOld)
            {
                return null;
            }

            try
            {
                using var point = new PointProbe(lineage, hasher);
                return ZeroedPlaces.Of(new VolumeView(point, view.Offset, view.Length), new VolumeView(target.Device), view, header.BlockSize);
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
            {
                // What the volume looks like can't be told where its first blocks are lost, so nothing on the target is kept.
                return null;
            }
        }

        MergeCursor Merge() => request.Salvage ? MergeCursor.WithLosses(lineage) : new MergeCursor(lineage);

        long RunDelta()
        {
            using var scan = new SourceScan(
                target.Device, hasher, header.BlockSize, queues.Reads, view.Length, pacer);
            var first = view.Offset / header.BlockSize;
            var plan = new DeltaPlan(Chain(first), windowBlocks, DeltaPipeline.MaxRanges, lost);
            var delta = new DeltaPipeline(
                Chain(first), plan, () => WriteDifferent(plan, () => Tell(scan.DoneBytes)), header.BlockSize,
                hasher.HashBlock(new byte[header.BlockSize]), kept);
            if (head?.Remember() == false)
            {
                // With the marker there, the first block differs and comes from the image, whatever later reads give.
                head.Place();
            }

            scan.Run(new ShiftedSink(delta, first), () => Tell(scan.DoneBytes), cancellation);
            delta.Complete();
            rewritten = RewrittenSectors.RequireReadable(target.Device, scan.Bisection, cancellation);
            return scan.ReadBytes;
        }

        void WriteDifferent(DeltaPlan plan, Action tick)
        {
            if (plan.Ranges > 0)
            {
                head?.Place();
                Write(plan, tick);
            }
        }

        MergeCursor Chain(long first)
        {
            var cursor = Merge();
            cursor.SkipTo(first);
            return cursor;
        }

        void Write(IWindowSource plan, Action tick) => pipeline.Run(
            plan,
            (offset, length) =>
            {
                var held = head?.TakeZeros(offset, length) ?? 0;
                if (!target.IsBlank && held < length)
                {
                    var began = Tracer.Begin();
                    target.Device.WriteZeros(offset + held, length - held);
                    if (began != 0)
                    {
                        Tracer.Log.TargetZeroed(offset, length, Tracer.Since(began));
                    }
                }
            },
            tick,
            request.Target.Text,
            cancellation,
            (offset, length) =>
            {
                free += length;
                trimmed = request.Free != FreeContent.Trim || (trimmed && target.Device.TryTrim(offset, length));
            });

        void Tell(long done)
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("restore", done, view.Length, pipeline.WrittenBytes, clock.Seconds));
            }
        }
    }

    /// <summary>Decides how a volume, or a part of one, goes onto a device.</summary>
    private static TargetFit FitTo(
        BlockDevice device, Lineage lineage, BlockHasher hasher, ByteRange part, bool whole, RestoreRequest request)
    {
        using var point = new PointProbe(lineage, hasher);
        var source = new VolumeView(point, part.Offset, part.Length);
        var (length, sector) = (device.Length, device.Geometry.LogicalSectorSize);
        try
        {
            return TargetFit.Of(source, whole, length, sector, request).Clearing(new VolumeView(device), request) with
            {
                Growth = request.AsIs ? null : GrowthAdvice.Of(source, whole, length, request.Target.Text),
            };
        }
        catch (TidemarkException e) when (request.Salvage && e.Error == TidemarkError.Damaged)
        {
            // The table is among what is lost, so that there is nothing to fit.
            return TargetFit.Of(source, whole, length, sector, request with { AsIs = true }).Clearing(new VolumeView(device), request);
        }
    }

    /// <summary>Makes the target's edits, behind everything that was copied.</summary>
    private static void Edit(RestoreTarget target, HeldHead? head)
    {
        if (target.Fit.Edits.Count > 0)
        {
            head?.Place();
        }

        foreach (var edit in target.Fit.Edits)
        {
            if (head is null)
            {
                target.Device.WriteAt(edit.Offset, edit.Bytes);
            }
            else
            {
                head.Apply(edit);
            }
        }
    }

    private static RestoreResult Result(
        RestoreRequest request, string chain, ImageReader image, ByteRange view, WindowPipeline pipeline, LostBlocks lost,
        RunClock clock)
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
            Target = request.Target.Text,
            SourceBytes = view.Length,
            TargetBytes = view.Length,
            Resumed = false,
            Fitted = [],
            Notes = [],
            ReadBytes = 0,
            WrittenBytes = pipeline.WrittenBytes,
            FreeBytes = 0,
            UnreadableBytes = unreadable.Length > 0 ? unreadable.Sum(r => r.Length) : pipeline.UnreadableBlocks * scope.BlockSize,
            Unreadable = unreadable,
            Damaged = scope.Clip([.. pipeline.Damage.Concat(lost.Damage).OrderBy(d => d.FirstBlock)]),
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        };
    }

    /// <summary>Nothing in the metadata is needed, but where sectors couldn't be read only they tell exactly.</summary>
    internal static void WarnOfMetadata(ImageReader image, IRunObserver observer)
    {
        if (image.TryReadMetadata(out var problem) is null && problem is not null)
        {
            observer.Warn(
                $"The metadata of image {image.Header.Sequence} are damaged, which harms no content: {problem} "
                + "Where sectors couldn't be read when it was made, whole blocks count as unreadable.");
        }
    }

    /// <summary>Why a point in time that has unreadable sectors is refused.</summary>
    private static TidemarkException Unreadable(Chain chain, ImageReader image, long blocks, ByteRange part)
    {
        var scope = new ViewScope(part, image.Header.BlockSize);
        var ranges = scope.Clip(image.TryReadMetadata()?.Unreadable ?? []);
        var where = ranges.Length == 0 ? "" : $": bytes {string.Join(", ", ranges.Take(8).Select(r => $"{r.Offset} to {r.Offset + r.Length - 1}"))}"
            + (ranges.Length > 8 ? $" and {ranges.Length - 8} ranges more" : "");
        return TidemarkException.Failed(
            $"Image {image.Header.Sequence} of {chain.Folder.Name} has sectors in {blocks} {(blocks == 1 ? "block" : "blocks")} that couldn't be read when it was made{where}. "
            + "Nothing was written.",
            advice: Advice.Pattern);
    }
}
