using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;
using Tidemark.Engine.Writing;

namespace Tidemark.Engine.Pipelines;

/// <summary>What one run of the pipeline is made of; all of it is decided before.</summary>
internal sealed record BackupPlan
{
    public required BlockDevice Source { get; init; }

    public required StoreFolder Folder { get; init; }

    public required ImageHeader Header { get; init; }

    /// <summary>The images to compare with, newest first; null for a full image.</summary>
    public required Lineage? Lineage { get; init; }

    public required BlockHasher Hasher { get; init; }

    /// <summary>Made for the new image; the plan's owner disposes it.</summary>
    public ImageCipher? Cipher { get; init; }

    public required int Level { get; init; }

    /// <summary>Threads that compress; with 0 the caller's thread does all work, in an order that repeats.</summary>
    public required int Workers { get; init; }

    public required IoQueueOptions Queue { get; init; }

    /// <summary>Holds the reads of the source to a rate; null for full speed.</summary>
    public RatePacer? Pacer { get; init; }

    /// <summary>Bytes of the source that may be unreadable.</summary>
    public required long MaxUnreadable { get; init; }

    /// <summary>What of the source needn't be read; null to read all that it stores. It stays the plan's owner's.</summary>
    public AllocationMap? Map { get; init; }

    /// <summary>Whether the folder only counts what is written, so that there is nothing to commit.</summary>
    public bool IsTrial { get; init; }

    /// <summary>What is known before the scan; the pipeline adds what it counts.</summary>
    public required ImageMetadata Metadata { get; init; }
}

/// <summary>What a run of the pipeline found and wrote.</summary>
internal sealed record BackupOutcome(
    ImageCounts Counts, long StoredBytes, long ReadBytes, string Reader, string? ReaderNote, string? MapProblem,
    IReadOnlyList<(long Offset, long Length)> Unreadable, long UnreadableBytes);

/// <summary>
/// Source, scan, identity hash, comparer, frames, image: one way, no back and forth. The caller's thread reads, hashes
/// and compares; only changed blocks leave it.
/// </summary>
internal sealed class BackupPipeline(BackupPlan plan, IRunObserver observer, RunClock clock)
{
    /// <exception cref="OperationCanceledException">Cancelled; nothing of the new image is left.</exception>
    public BackupOutcome Run(CancellationToken cancellation)
    {
        var header = plan.Header;
        Invariant.Holds(header.SourceBytes == plan.Source.Length);
        var chain = plan.Lineage is null ? null : new MergeCursor(plan.Lineage);
        using var image = new ImageWriter(plan.Folder, header, plan.Cipher);
        using var scan = new SourceScan(plan.Source, plan.Hasher, header.BlockSize, plan.Queue, pacer: plan.Pacer, mostBad: plan.MaxUnreadable, map: plan.Map);
        using (var packer = new FramePacker(image, header, plan.Level, plan.Cipher, plan.Workers))
        {
            var comparer = new BlockComparer(chain, packer, plan.Hasher, header.BlockSize);
            Tracer.EnterStage("scan");
            try
            {
                scan.Run(comparer, () => Tell(scan, comparer), cancellation);
            }
            catch (DeviceGoneException e)
            {
                throw TidemarkException.Failed($"{e.Message} No image was made, and the chain is as it was.", e);
            }

            packer.Complete();
        }

        cancellation.ThrowIfCancellationRequested();
        Tracer.EnterStage("commit");
        var salvage = scan.Bisection;
        image.Finish(
            plan.Metadata with
            {
                Reader = scan.Reader,
                ReadBytes = scan.ReadBytes,
                Seconds = clock.Seconds,
                CpuSeconds = clock.CpuSeconds,
                Unreadable = [.. salvage.Bad.SelectMany(r => new[] { r.Offset, r.Length })],
            },
            salvage.BadBytes);
        cancellation.ThrowIfCancellationRequested();
        if (!plan.IsTrial)
        {
            image.Commit();
        }

        return new BackupOutcome(
            image.Counts, image.StoredBytes, scan.ReadBytes, scan.Reader, scan.ReaderNote, scan.MapProblem, salvage.Bad, salvage.BadBytes);
    }

    private void Tell(SourceScan scan, BlockComparer comparer)
    {
        if (clock.IsDue())
        {
            var changed = comparer.ChangedBlocks * plan.Header.BlockSize;
            observer.Progress(new RunProgress("scan", scan.DoneWantedBytes, scan.WantedBytes, changed, clock.Seconds));
        }
    }
}
