using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>Images several sources in one run, each into its own chain: those that can be held still, at one point in time.</summary>
public static class BackupSet
{
    /// <summary>Images the sources one after the other. One that fails doesn't stop the others.</summary>
    /// <param name="sources">At least one, each once.</param>
    /// <param name="request">What holds for all of them; its source isn't looked at.</param>
    /// <param name="done">Called with each image as it is committed.</param>
    /// <param name="observer">Told of progress, and of what fails.</param>
    /// <param name="cancellation">What is committed stays.</param>
    /// <exception cref="TidemarkException">Nothing was imaged: the request makes no sense, or volumes couldn't be held still.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static BackupSetResult Run(
        IReadOnlyList<SourceLocation> sources, BackupRequest request, Action<BackupResult> done, IRunObserver observer,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(done);
        var time = TimeProvider.System;
        return Run(
            sources, request, done, SnapshotProvider.OfThisSystem(request.VssType, time), observer, time, SystemRandomSource.Instance,
            cancellation);
    }

    /// <summary>The same with what holds sources still, the clock and the source of ids given.</summary>
    internal static BackupSetResult Run(
        IReadOnlyList<SourceLocation> sources, BackupRequest request, Action<BackupResult> done, SnapshotProvider? provider,
        IRunObserver observer, TimeProvider time, RandomSource random, CancellationToken cancellation)
    {
        Check(sources, request);
        var clock = new RunClock(time);
        LookAt(sources);
        using var held = HeldSources.Hold(sources, request.Snapshot, provider, observer, cancellation);
        List<BackupResult> images = [];
        List<FailedSource> failed = [];
        foreach (var source in sources)
        {
            try
            {
                var one = request with { Source = source };
                var image = Backup.Image(one, held.Of(source), new RunClock(time), observer, time, random, images, cancellation);
                images.Add(image);
                done(image);
            }
            catch (TidemarkException e)
            {
                Fail(source, e.Error, e.Reason, e.Advice, e.IsCommitted);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(source, TidemarkError.Failed, e.Message);
            }
        }

        // Applications hear that they are backed up only if all that was held still is; otherwise, that it failed.
        var notes = failed.Exists(f => held.Of(sources.First(s => s.Text == f.Source)) is not null) ? [] : held.Complete(cancellation);
        return new BackupSetResult
        {
            Images = images,
            Failed = failed,
            Notes = notes,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        };

        void Fail(SourceLocation source, TidemarkError error, string reason, Advice advice = Advice.None, bool isCommitted = false)
        {
            failed.Add(new FailedSource(source.Text, error, reason, advice));
            observer.Warn($"{source} {(isCommitted ? "is imaged" : "wasn't imaged")}: {reason}", advice);
        }
    }

    /// <summary>
    /// Opens each source before the first is imaged: what was mistyped shall be found before hours are spent. One whose
    /// disk fails is no mistake, and is told of in its turn.
    /// </summary>
    private static void LookAt(IReadOnlyList<SourceLocation> sources)
    {
        List<string> problems = [];
        foreach (var source in sources)
        {
            try
            {
                source.LookAt();
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.WrongUse)
            {
                problems.Add(e.Message);
            }
            catch (Exception e) when (e is TidemarkException or IOException or UnauthorizedAccessException)
            {
                // In its turn.
            }
        }

        if (problems.Count > 0)
        {
            throw TidemarkException.WrongUse($"{string.Join(' ', problems)} Nothing was imaged.");
        }
    }

    private static void Check(IReadOnlyList<SourceLocation> sources, BackupRequest request)
    {
        BackupOptionsCheck.Check(request);
        request.Key.RequireApart(sources);
        if (sources.Count == 0)
        {
            throw TidemarkException.WrongUse("Give a source to image.");
        }

        for (var i = 1; i < sources.Count; i++)
        {
            if (sources.Take(i).FirstOrDefault(sources[i].IsSame) is { } first)
            {
                throw TidemarkException.WrongUse(first.Text == sources[i].Text
                    ? $"{first} is given twice. Name each source once."
                    : $"{first} and {sources[i]} are one and the same. Name each source once.");
            }
        }

        if (request.Adopt && sources.Count > 1)
        {
            throw TidemarkException.WrongUse("One source adopts one chain. Give that source alone.");
        }

        if (request.Chain is not null && sources.Count > 1)
        {
            throw TidemarkException.WrongUse(
                "A name is that of one chain, and each of several sources has its own. Leave it out; for a second schedule give another store.");
        }
    }
}
