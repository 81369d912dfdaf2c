using Tidemark.Engine.Devices.VirtualDisks.Writing;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>Makes a file of a point in time that hypervisors and other tools take.</summary>
public static class Export
{
    /// <summary>
    /// Exports an image. The same image gives the same bytes. Damage in the chain doesn't stop it: damaged blocks become
    /// zeros and are listed in the result, and such a file is no base for another.
    /// </summary>
    /// <exception cref="TidemarkException">The image can't be exported, or the file not be written; no file is left.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no file is left.</exception>
    public static ExportResult Run(ExportRequest request, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        using var traced = new TracedRun("export", request.Image.Text);
        var clock = new RunClock(TimeProvider.System);
        var address = request.Image;
        MissingDisk.Warn(request.File.LocalPath, "the file's place", observer);
        MissingDisk.Warn(address.Location, observer);
        using var chain = address.OpenChain(request.Key);
        chain.Cancellation = cancellation;
        var image = address.Find(chain, observer.Warn);
        var lineage = chain.Lineage(image);
        var view = address.View(lineage, chain.Hasher(image));
        var layout = ExportLayout.Plan(request, image.Header, address.Partition, view.Length);
        var below = request.Base is { } path ? Base(path) : null;
        Restore.WarnOfMetadata(image, observer);
        IndexLookAhead.Run(chain, image, new MergeCursor(lineage), salvages: false, view, cancellation);
        var point = new ExportPoint(chain, lineage, view, layout, new LostBlocks(lineage));
        var (pipeline, length) = request.File.Descriptor is not null
            ? StreamExport.Run(point, request, observer, clock, cancellation)
            : ToFile();
        var scope = new ViewScope(view, image.Header.BlockSize);
        var unreadable = pipeline.UnreadableBlocks == 0 ? [] : scope.Clip(image.TryReadMetadata()?.Unreadable ?? []);
        return traced.Completed(new ExportResult
        {
            Chain = chain.Folder.Name,
            ImageId = image.Header.ImageId,
            Sequence = image.Header.Sequence,
            File = request.File.Text,
            Format = layout.Format,
            Partition = address.Partition,
            BaseSequence = below?.Image.Header.Sequence,
            SourceBytes = view.Length,
            DiskBytes = layout.DiskBytes,
            FileBytes = length,
            WrittenBytes = pipeline.WrittenBytes,
            Unreadable = unreadable,
            UnreadableBytes = unreadable.Length > 0 ? unreadable.Sum(r => r.Length) : pipeline.UnreadableBlocks * image.Header.BlockSize,
            Damaged = scope.Clip([.. pipeline.Damage.Concat(point.Lost.Damage).OrderBy(d => d.FirstBlock)]),
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
            Notes = [.. layout.Notes],
        });

        (WindowPipeline Pipeline, long Length) ToFile()
        {
            using var target = ExportTarget.Open(request.File, request.Force, address.Location);
            var written = Write(point, below, target, request, observer, clock, cancellation);
            Tracer.EnterStage("commit");
            return (written, target.Complete(image.Header.Created));
        }

        ExportBase Base(string file)
        {
            var found = ExportBase.Open(file, request.File.Text, layout.Format, chain, address.Partition);
            BaseComparison.RequireFitting(found, address, chain, view, layout);
            return found;
        }
    }

    private static WindowPipeline Write(
        ExportPoint point, ExportBase? below, ExportTarget target, ExportRequest request, IRunObserver observer, RunClock clock,
        CancellationToken cancellation)
    {
        var header = point.Lineage.Header;
        var pacer = RatePacer.For(request.MaxRate, TimeProvider.System);
        var writer = point.Layout.Create(target.Device, below?.Parent);
        var inner = target.Device.OpenQueue(IoQueueOptions.Target);
        using var queue = new PlacedQueue(writer, target.Device, inner);
        using var pipeline = new WindowPipeline(
            point.Lineage, point.Chain.Hasher(point.Lineage.Image), queue, Environment.ProcessorCount, pacer, point.View);
        if (Tracer.On)
        {
            Tracer.Log.QueueOpened(request.File.Text, queue.Kind, queue.Depth, queue.BufferSize);
        }

        var windowBlocks = queue.BufferSize / header.BlockSize;
        Tracer.EnterStage("export");
        if (below is null)
        {
            Carry(
                new RestorePlan(new MergeCursor(point.Lineage), header.BlockSize, windowBlocks, point.Lost, point.View),
                () => Tell(pipeline.DoneBytes));
        }
        else
        {
            new BaseComparison(point, below, windowBlocks, (plan, done) => Carry(plan, () => Tell(done)), Tell).Run(cancellation);
        }

        if (pipeline.Damage.Count > 0 || point.Lost.Damage.Count > 0)
        {
            writer.ContentId = ExportId.OfDamagedContent(header.ImageId, request.Image.Partition);
        }

        writer.Complete();
        return pipeline;

        void Carry(IWindowSource plan, Action tick) =>
            pipeline.Run(plan, writer.Zeros, tick, request.File.Text, cancellation);

        void Tell(long done)
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("export", done, point.View.Length, pipeline.WrittenBytes, clock.Seconds));
            }
        }
    }
}
