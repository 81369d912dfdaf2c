using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>Images a source into its chain.</summary>
public static class Backup
{
    /// <summary>
    /// The block size of a new chain: bench/README.md has the table that chose it.
    /// </summary>
    public const int DefaultBlockSize = 4096;

    /// <summary>
    /// Bytes of a source that may be unreadable if nothing else is said: 64 MiB. A disk with more bad sectors is failing, or a
    /// part of it is missing, and somebody has to look at it: giving up as many sectors takes it days, and an image with such
    /// gaps would be the newest point of its chain.
    /// </summary>
    public const long DefaultMaxUnreadable = 64 << 20;

    /// <exception cref="TidemarkException">The backup wasn't made; the chain is as it was.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the chain is as it was.</exception>
    public static BackupResult Run(BackupRequest request, IRunObserver observer, CancellationToken cancellation = default) =>
        Run(request, observer, TimeProvider.System, SystemRandomSource.Instance, cancellation);

    /// <summary>The same with the clock and the source of ids given, for tests and fixtures.</summary>
    internal static BackupResult Run(
        BackupRequest request, IRunObserver observer, TimeProvider time, RandomSource random, CancellationToken cancellation) =>
        Run(request, SnapshotProvider.OfThisSystem(request.VssType, time), observer, time, random, cancellation);

    /// <summary>The same with what holds the source still given as well; null where the system has nothing.</summary>
    internal static BackupResult Run(
        BackupRequest request, SnapshotProvider? provider, IRunObserver observer, TimeProvider time, RandomSource random,
        CancellationToken cancellation)
    {
        BackupOptionsCheck.Check(request);
        request.Key.RequireApart([request.Source]);
        var clock = new RunClock(time);
        using var held = HeldSources.Hold([request.Source], request.Snapshot, provider, observer, cancellation);
        var result = Image(request, held.Of(request.Source), clock, observer, time, random, [], cancellation);
        return result with { Notes = [.. result.Notes, .. held.Complete(cancellation)] };
    }

    /// <summary>Images one source, read from its snapshot if there is one.</summary>
    /// <param name="earlier">Images that this run has made of other sources: a chain holds one source only.</param>
    internal static BackupResult Image(
        BackupRequest request, VolumeSnapshot? snapshot, RunClock clock, IRunObserver observer, TimeProvider time, RandomSource random,
        IReadOnlyList<BackupResult> earlier, CancellationToken cancellation)
    {
        using var traced = new TracedRun("backup", request.Source.Text);
        using var source = snapshot is null
            ? request.Source.Open(SourceHelp.Of(new ProgramWait(observer.Warn, cancellation)))
            : request.Source.OpenHeld(snapshot);
        source.Doubt?.Tell(observer);
        WarnOfLiveSource(request, snapshot is not null, observer);
        if (earlier.Count == 0)
        {
            MissingDisk.Warn(request.Store, observer);
        }

        using var key = request.Key.Open();
        var folder = ChainFinder.Find(request, source.Identity, SourceTrace.Of(source), observer);
        RequireChainOfItsOwn(request, source, folder, earlier);
        return traced.Completed(OrNothing(
            folder, () => Into(folder, request, source, key, clock, observer, time, random, null, cancellation)));
    }

    /// <summary>Makes an image; where that fails in a folder that was empty before, the folder goes again.</summary>
    internal static BackupResult OrNothing(StoreFolder folder, Func<BackupResult> image)
    {
        var unused = folder.List().Count == 0;
        try
        {
            return image();
        }
        catch when (unused)
        {
            folder.RemoveIfUnused();
            throw;
        }
    }

    /// <summary>Makes an image in a chain's folder, wherever its store is; clears away what a run that died left there.</summary>
    /// <param name="workers">
    /// Threads that compress, null for one a processor; 0 does all work on the caller's, in an order that repeats.
    /// </param>
    internal static BackupResult Into(
        StoreFolder folder, BackupRequest request, OpenedSource source, KeySource? key, RunClock clock, IRunObserver observer,
        TimeProvider time, RandomSource random, int? workers, CancellationToken cancellation)
    {
        using var taken = ChainTaken.Take(
            folder, found => ChainFinder.RequireSameSource(found, source.Identity, request.Source, request.Adopt), request.MaxLineage);
        var chain = taken.Chain;
        chain.Cancellation = cancellation;
        using var used = SourceMap.Of(
            source, request, source.Snapshot is not null || request.Snapshot == SnapshotMode.Held ? null : request.Source.WhyLive(), cancellation);
        using var run = new BackupPlanner(request, source, used, chain, key, time, random);
        var plan = run.Plan(observer);
        if (!request.Adopt)
        {
            SourceTwins.Warn(chain, source, observer);
        }

        try
        {
            return Made(plan);
        }
        catch (IndexDamageException e)
        {
            // Blocks can't be compared with what isn't known of them.
            if (request.Kind != BackupKind.Auto)
            {
                throw TidemarkException.Damaged(e.Message, e, Advice.FullImage);
            }

            observer.Warn($"{e.Message} Until then nothing can be built on it, so the image that is made now is full.");
            return Made(run.PlanFull());
        }

        BackupResult Made(BackupPlan its)
        {
            its = its with { Workers = workers ?? its.Workers, IsTrial = request.DryRun };
            return Result(request, source, used, its, new BackupPipeline(its, observer, clock).Run(cancellation), clock);
        }
    }

    /// <summary>Copies of one volume carry its id, and would take turns in its chain without a word.</summary>
    private static void RequireChainOfItsOwn(
        BackupRequest request, OpenedSource source, StoreFolder folder, IReadOnlyList<BackupResult> earlier)
    {
        if (earlier.FirstOrDefault(image => image.Chain == folder.Name) is { } other)
        {
            throw TidemarkException.WrongUse(
                $"{request.Source} and {other.Source} carry the same id ({source.Identity.ToShortString()}): one is a copy of the other, or "
                + $"both are one volume. {folder.Name} is the chain of {other.Source}; image {request.Source} in a run of its own.",
                Advice.OtherChain);
        }
    }

    private static void WarnOfLiveSource(BackupRequest request, bool isHeld, IRunObserver observer)
    {
        if (!isHeld && request.Snapshot != SnapshotMode.Held)
        {
            request.Source.WarnIfLive(observer);
        }

        if (request.Source.Holds(request.Store))
        {
            FrozenStore.Refuse(request);
            observer.Warn(
                $"The store {request.Store} lies on {request.Source} itself: the image holds its own beginning and is lost with the source.");
        }
    }

    private static BackupResult Result(
        BackupRequest request, OpenedSource source, SourceMap used, BackupPlan plan, BackupOutcome outcome, RunClock clock)
    {
        List<string> notes = [.. source.Notes, .. used.Notes];
        if (outcome.ReaderNote is { } slower)
        {
            notes.Add(slower);
        }

        if (outcome.MapProblem is { } lost)
        {
            notes.Add($"the map of what is used was given up on the way, and the rest was read whole: {lost}");
        }

        notes.AddRange(plan.Folder.Notes);
        if (plan.Header.Codec == Codec.Zstd && ZstdCodec.Note is { } managed)
        {
            notes.Add(managed);
        }

        var header = plan.Header;
        return new BackupResult
        {
            Chain = plan.Folder.Name,
            ImageId = header.ImageId,
            Sequence = header.Sequence,
            Kind = header.Kind,
            IsNewChain = header.Sequence == 1,
            IsDryRun = request.DryRun,
            DataBytes = Math.Min(header.SourceBytes, outcome.Counts.DataBlocks * header.BlockSize),
            Source = request.Source.Text,
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
            Volumes = used.Volumes,
            Reader = outcome.Reader,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
            Notes = notes,
        };
    }
}
