using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Catalogs;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Engine.Tracing;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>Verifies chains as deep as asked, and names what is damaged and what can still be restored.</summary>
public static class Verify
{
    /// <summary>
    /// Verifies a store, a chain or an image. Damage is a finding and no exception; nothing is written.
    /// </summary>
    /// <exception cref="TidemarkException">
    /// There is nothing to verify, the key is wrong (<see cref="TidemarkError.Key"/>), or the request contradicts itself.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static VerifyResult Run(VerifyRequest request, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        long? only = null;
        int? partition = null;
        var address = request.Subject;
        if (address.NamesOne)
        {
            _ = request.Against is null ? address.RequireWhole() : address;
            partition = address.Partition;
            using var chain = address.OpenLocked();
            only = address.SequenceIn(chain);
            if (chain.Members.All(m => m.Sequence != only))
            {
                _ = chain.Get(only.Value);
            }
        }

        List<UnreadableChain> unreadable = [];
        var folders = Catalog.ChainFolders(address.Location, unreadable).ToList();
        if (folders.Count == 0 && unreadable.Count > 0)
        {
            throw unreadable[0].Reason;
        }

        if (folders.Count == 0)
        {
            throw TidemarkException.WrongUse($"{address.Location} holds no images. Give a store, a chain's folder, or an image (CHAIN@SEQUENCE).");
        }

        using var key = request.Key.Open();
        var pacer = RatePacer.For(request.MaxRate, TimeProvider.System);
        if (pacer is not null)
        {
            folders = [.. folders.Select(folder => new PacedFolder(folder, pacer, cancellation))];
        }

        return Run(
            folders, only, request.Depth, request.Against, key, observer, cancellation, pacer, partition: partition, unreadable: unreadable);
    }

    /// <summary>The same for folders of any store.</summary>
    /// <param name="workers">Threads that prove frames, null for one a processor; 0 uses the caller's alone.</param>
    internal static VerifyResult Run(
        IReadOnlyList<StoreFolder> folders, long? only, VerifyDepth depth, SourceLocation? against, KeySource? key,
        IRunObserver observer, CancellationToken cancellation, RatePacer? pacer = null, int? workers = null, int? partition = null,
        IReadOnlyList<UnreadableChain>? unreadable = null)
    {
        using var traced = new TracedRun("verify", folders.Count == 1 ? folders[0].Name : $"{folders.Count} chains");
        Tracer.EnterStage("verify");
        var clock = new RunClock(TimeProvider.System);
        var report = new VerifyReport();
        var several = folders.Count + (unreadable?.Count ?? 0) > 1;
        foreach (var (name, reason) in unreadable ?? [])
        {
            report.Add(name, 0, "", $"Nothing of {name} was verified: {reason.Message}");
        }

        RequireKey(folders, key);
        using var source = against?.Open(SourceHelp.Of(new ProgramWait(observer.Warn, cancellation)));
        source?.Tell(observer);
        var compared = source is null ? null : Compared(folders, source);
        List<VerifiedChain> chains = [];
        SourceComparison? comparison = null;
        foreach (var folder in folders)
        {
            using var chain = Chain.Load(folder);
            var state = Unlock(chain, key, several, report);
            var verified = new ChainCheck(
                chain, depth, report, observer, clock, workers ?? Environment.ProcessorCount, cancellation).Run(only);
            chains.Add(verified with { Key = state });
            if (folder == compared)
            {
                comparison = Compare(chain, only, partition, source!, report, observer, clock, pacer, cancellation);
            }
        }

        return traced.Completed(new VerifyResult
        {
            Chains = chains,
            Findings = report.Findings,
            CheckedBytes = report.CheckedBytes,
            Differences = comparison?.Ranges,
            DifferentRanges = comparison?.RangeCount ?? 0,
            DifferentBytes = comparison?.Bytes ?? 0,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
            Notes = report.Notes,
        });
    }

    /// <summary>
    /// Where all chains are encrypted, a key that opens none of them is wrong, and that is said before hours of work.
    /// </summary>
    private static void RequireKey(IReadOnlyList<StoreFolder> folders, KeySource? key)
    {
        if (key is null || folders.Count < 2)
        {
            return;
        }

        TidemarkException? wrong = null;
        foreach (var folder in folders)
        {
            using var chain = Chain.Load(folder);
            try
            {
                chain.Unlock(key);
                if (chain.Keys is not null || !chain.Encrypted)
                {
                    return;
                }
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Key)
            {
                wrong ??= e;
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
            {
                // No key slots are whole; the chain's own turn tells of it.
                continue;
            }
        }

        if (wrong is not null)
        {
            throw wrong;
        }
    }

    /// <summary>
    /// Opens an encrypted chain if there is a key for it. Of several chains, those that the key doesn't open are verified
    /// without one.
    /// </summary>
    private static ChainKeyState Unlock(Chain chain, KeySource? key, bool several, VerifyReport report)
    {
        if (key is null)
        {
            return chain.Encrypted ? ChainKeyState.Missing : ChainKeyState.NotNeeded;
        }

        try
        {
            chain.Unlock(key);
            return chain.Encrypted ? ChainKeyState.Opened : ChainKeyState.NotNeeded;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            report.Note(e.Message);
            return ChainKeyState.Missing;
        }
        catch (TidemarkException e) when (several && e.Error == TidemarkError.Key)
        {
            report.Note(e.Message);
            return ChainKeyState.Wrong;
        }
    }

    /// <summary>The chain whose tip or image the source is compared with: the only one, or the only one of that source.</summary>
    private static StoreFolder Compared(IReadOnlyList<StoreFolder> folders, OpenedSource source)
    {
        if (folders.Count == 1)
        {
            return folders[0];
        }

        List<StoreFolder> its = [];
        foreach (var folder in folders)
        {
            using var chain = Chain.Load(folder);
            if (chain.Tip is { } tip && SourceIdentity.Matches(tip.Header.Identity, source.Identity))
            {
                its.Add(folder);
            }
        }

        return its.Count == 1
            ? its[0]
            : throw TidemarkException.WrongUse(
                $"There are {its.Count} chains of {source.Location} here. Give the chain's folder or the image to compare it with.");
    }

    private static SourceComparison? Compare(
        Chain chain, long? only, int? partition, OpenedSource source, VerifyReport report, IRunObserver observer, RunClock clock,
        RatePacer? pacer, CancellationToken cancellation)
    {
        var image = chain.Members.FirstOrDefault(m => m.Sequence == (only ?? chain.Members[^1].Sequence))?.Image;
        var problem = "it can't be read.";
        var lineage = image is null ? null : chain.TryLineage(image, out problem);
        if (lineage is null)
        {
            report.Note($"{source.Location} wasn't compared with the image, since {problem}");
            return null;
        }

        if (chain.Encrypted && chain.Keys is null)
        {
            throw TidemarkException.KeyProblem(
                $"{chain.Folder.Name} is encrypted, and without its key nothing can be compared with it. Give its passphrase file or key file.");
        }

        try
        {
            var address = ImageAddress.Of(StoreLocation.Of(chain.Folder), only, partition);
            var view = address.View(lineage, chain.Hasher(lineage.Image));
            address.RequireWholeBlocks(view, lineage.Header.BlockSize, "Restore it to a file, and compare that.");
            using var point = new PointProbe(lineage, chain.Hasher(lineage.Image));
            var fitted = partition is null ? FittedTo(source, address, point, report) : null;
            var comparison = SourceComparison.Run(source, chain, lineage, view, observer, clock, pacer, fitted, cancellation);
            if (comparison.UnreadableBytes > 0)
            {
                report.Note($"{comparison.UnreadableBytes} bytes of {source.Location} can't be read; they count as different.");
            }

            if (comparison.RangeCount > comparison.Ranges.Count)
            {
                report.Note($"Only the first {comparison.Ranges.Count} of {comparison.RangeCount} ranges that differ are listed.");
            }

            return comparison;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            report.Note($"{source.Location} couldn't be compared with the image: {e.Message}");
            return null;
        }
    }

    /// <summary>What a device of another size holds after a restore to it; null where the image wouldn't have been fitted.</summary>
    private static FittedContent? FittedTo(OpenedSource source, ImageAddress image, PointProbe point, VerifyReport report)
    {
        var device = source.Device;
        if (device.Length == point.Length && device.Geometry.LogicalSectorSize == point.Geometry.LogicalSectorSize)
        {
            return null;
        }

        TargetFit fit;
        try
        {
            var request = new RestoreRequest { Image = image, Target = TargetLocation.Of(source.Location), Fit = true };
            fit = TargetFit.Of(new VolumeView(point), isDisk: true, device.Length, device.Geometry.LogicalSectorSize, request);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.WrongUse)
        {
            return null;
        }

        // A file has the volume's own length after a restore, so more or less of it is a difference.
        if (fit.Edits.Count == 0 && device is not RawDevice { IsBlockDevice: true })
        {
            return null;
        }

        report.Note(device.Length > point.Length
            ? $"{source.Location} is larger than the volume and was compared as a restore to it leaves it; what lies behind the volume's end is nobody's."
            : $"{source.Location} was compared as a restore fitted to it leaves it.");
        return new FittedContent(point, fit, device);
    }
}
