using Tidemark.Engine.Chains;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations;

/// <summary>Images a source into its chain.</summary>
public static class Backup
{
    /// <summary>
    /// The block size of a new chain: bench/README.md has the table that chose it.
    /// </summary>
    public const int DefaultBlockSize = 4096;

    /// <exception cref="TidemarkException">The backup wasn't made; the chain is as it was.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the chain is as it was.</exception>
    public static BackupResult Run(BackupRequest request, IRunObserver observer, CancellationToken cancellation = default) =>
        Run(request, observer, TimeProvider.System, SystemRandomSource.Instance, cancellation);

    /// <summary>The same with the clock and the source of ids given, for tests and fixtures.</summary>
    internal static BackupResult Run(
        BackupRequest request, IRunObserver observer, TimeProvider time, RandomSource random, CancellationToken cancellation)
    {
        BackupOptionsCheck.Check(request);
        var clock = new RunClock(time);
        using var source = OpenedSource.Open(request.Source);
        WarnOfLiveSource(request, observer);
        var folder = ChainFinder.Find(request, source.Identity);
        using var held = folder.TryLock(out var holder) ?? throw new TidemarkException(
            TidemarkError.Busy, $"Another run holds {folder.Name} ({holder}). Wait for it to end, and run again.");
        ImageFiles.RemoveLeftovers(folder);
        using var chain = Chain.Load(folder);
        ChainFinder.RequireSameSource(chain, source.Identity, request.Source, request.Adopt);
        using var key = request.Key.Open();
        using var run = new BackupRun(request, source, chain, key, time, random);
        var plan = run.Plan(observer);
        var outcome = new BackupPipeline(plan, observer, clock).Run(cancellation);
        return Result(request, source, plan, outcome, clock);
    }

    private static void WarnOfLiveSource(BackupRequest request, IRunObserver observer)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var mounts = MountTable.Load();
        var usage = mounts.UsageOf(request.Source);
        if (usage.IsMountedReadWrite)
        {
            var where = usage.Mounts.First(m => !m.IsReadOnly).MountPoint;
            observer.Warn(
                $"{request.Source} is mounted read-write at {where} and nothing holds it still: what changes while it is read "
                + "may not fit together. Image a snapshot of it, remount it read-only, or freeze it (fsfreeze -f) meanwhile.");
        }

        if (mounts.LiesOn(request.Store, request.Source))
        {
            observer.Warn(
                $"The store {request.Store} lies on {request.Source} itself: the image holds its own beginning and is lost with the source.");
        }
    }

    private static BackupResult Result(
        BackupRequest request, OpenedSource source, BackupPlan plan, BackupOutcome outcome, RunClock clock)
    {
        var notes = new List<string>();
        if (source.Note is { } buffered)
        {
            notes.Add(buffered);
        }

        if (outcome.ReaderNote is { } slower)
        {
            notes.Add(slower);
        }

        var header = plan.Header;
        return new BackupResult
        {
            Chain = plan.Folder.Name,
            ImageId = header.ImageId,
            Sequence = header.Sequence,
            Kind = header.Kind,
            Source = request.Source,
            Identity = header.Identity.ToString(),
            SourceBytes = header.SourceBytes,
            ReadBytes = outcome.ReadBytes,
            BlockSize = header.BlockSize,
            ChangedBlocks = outcome.Counts.ChangedBlocks,
            ChangedBytes = outcome.Counts.ChangedBlocks * header.BlockSize,
            StoredBytes = outcome.StoredBytes,
            IndexBytes = outcome.Counts.IndexBytes,
            UnreadableBytes = outcome.UnreadableBytes,
            Unreadable = [.. outcome.Unreadable.Select(r => new ByteRange(r.Offset, r.Length))],
            Reader = outcome.Reader,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
            Notes = notes,
        };
    }
}
