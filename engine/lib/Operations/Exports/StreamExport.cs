using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>An export byte for byte to a stream, from front to back.</summary>
internal static class StreamExport
{
    /// <exception cref="TidemarkException">The format isn't written from front to back, or the stream can't be written.</exception>
    public static (WindowPipeline Pipeline, long Length) Run(
        ExportPoint point, ExportRequest request, IRunObserver observer, RunClock clock, CancellationToken cancellation)
    {
        if (point.Layout.Format != ExportFormat.Raw)
        {
            throw TidemarkException.WrongUse(
                $"A {ExportFormats.Name(point.Layout.Format)} file is written at many places, and {request.File} stands for a stream. Give "
                + "the format raw, or the name of a file.");
        }

        var blockSize = point.Lineage.Header.BlockSize;
        using var target = request.File.OpenStream(point.View.Length);
        using var queue = target.OpenQueue(IoQueueOptions.Target);
        using var pipeline = new WindowPipeline(
            point.Lineage, point.Chain.Hasher(point.Lineage.Image), queue, Environment.ProcessorCount, RatePacer.For(request.MaxRate, TimeProvider.System),
            point.View);
        var plan = new RestorePlan(
            new MergeCursor(point.Lineage), blockSize, queue.BufferSize / blockSize, point.Lost, point.View, byFrames: true);
        Tracer.EnterStage("export");
        pipeline.Run(plan, target.WriteZeros, Tell, request.File.Text, cancellation);
        target.Flush();
        return (pipeline, target.Length);

        void Tell()
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("export", pipeline.DoneBytes, point.View.Length, pipeline.WrittenBytes, clock.Seconds));
            }
        }
    }
}
