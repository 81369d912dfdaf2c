using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Repairs;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations;

/// <summary>Brings back what a damaged chain still tells of itself; committed files stay untouched.</summary>
public static class Repair
{
    /// <summary>
    /// Looks at every image, and for a damaged one makes a repair file: lost headers, indexes, metadata and footers from
    /// what survived, and single flipped bits anywhere.
    /// </summary>
    /// <exception cref="TidemarkException">There is no chain, another run holds it, or its key is wrong or missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; images repaired before stay so.</exception>
    public static RepairResult Run(RepairRequest request, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        if (ImageAddress.NamesOne(request.Chain) && !Directory.Exists(request.Chain))
        {
            throw TidemarkException.WrongUse("A repair looks at a whole chain. Give the chain's folder without @.");
        }

        using var key = request.Key.Open();
        StoreFolder folder = LocalStoreFolder.Open(request.Chain);
        if (RatePacer.For(request.MaxRate, TimeProvider.System) is { } pacer)
        {
            folder = new PacedStoreFolder(folder, pacer, cancellation);
        }

        return Run(folder, key, observer, SystemRandomSource.Instance, cancellation);
    }

    /// <summary>The same for a folder of any store.</summary>
    internal static RepairResult Run(
        StoreFolder folder, KeySource? key, IRunObserver observer, RandomSource random, CancellationToken cancellation, int? workers = null)
    {
        using var traced = new TracedRun("repair", folder.Name);
        var clock = new RunClock(TimeProvider.System);
        using var held = folder.TryLock(out var holder) ?? throw new TidemarkException(
            TidemarkError.Busy, $"Another run holds {folder.Name} ({holder}). Wait for it to end, and run again.");
        ImageFiles.RemoveLeftovers(folder);
        List<RepairedImage> images = [];
        using (var chain = Chain.Load(folder))
        {
            if (chain.Members.Count == 0)
            {
                throw TidemarkException.WrongUse($"{folder.Name} holds no images. Give a chain's folder.");
            }

            chain.Unlock(key);
            using var frames = new FramePipeline(workers ?? Environment.ProcessorCount);
            using var scrub = new PayloadScrub();
            var total = chain.Members.Sum(m => m.Files.Sum(f => f.Length));
            var done = 0L;
            foreach (var member in chain.Members)
            {
                images.Add(IsWhole(chain, member, frames, scrub, Tell, cancellation)
                    ? new RepairedImage(member.Sequence, RepairState.Whole, null, 0, 0, 0, [], null)
                    : Image(member.Sequence, new ImageRepair(chain, member, key, random, cancellation).Run()));
                done += member.Files.Sum(f => f.Length);
                Tell(0);
            }

            void Tell(long position)
            {
                if (clock.IsDue())
                {
                    observer.Progress(new RunProgress("repair", Math.Min(total, done + position), total, 0, clock.Seconds));
                }
            }
        }

        using var repaired = Chain.Load(folder);
        repaired.Unlock(key);
        return traced.Completed(new RepairResult
        {
            Chain = folder.Name,
            Images = images,
            Restorable = repaired.RestorablePoints(),
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        });
    }

    /// <summary>Whether every checksum of an image holds.</summary>
    private static bool IsWhole(
        Chain chain, ChainMember member, FramePipeline frames, PayloadScrub scrub, Action<long> tick, CancellationToken cancellation)
    {
        if (member.Image is not { } image)
        {
            return false;
        }

        var report = new VerifyReport();
        var check = new ImageCheck(chain, member, report);
        var parent = chain.Members.FirstOrDefault(m => m.Image?.Header.ImageId == image.Header.Parent?.ImageId)?.Image;
        check.Run(image.Header.Parent is null ? null : parent, frames, scrub, null, tick, cancellation);
        return report.Findings.Count == 0 && member.BadRepairs.Count == 0;
    }

    private static RepairedImage Image(long sequence, RepairOutcome outcome)
    {
        var problem = outcome.Problem
            ?? (outcome.DamagedFrames > 0 ? $"{outcome.DamagedFrames} frames are damaged beyond a flipped bit; 'tidemark heal' may bring their blocks back." : null);
        var state = outcome.File is null ? RepairState.Damaged : problem is null ? RepairState.Repaired : RepairState.Partly;
        var header = outcome.Header;
        return new RepairedImage(
            sequence, state, outcome.File, outcome.PieceBytes, outcome.Corrected, outcome.DamagedFrames,
            header is null ? [] : [.. outcome.Lost.Select(l => Range(l, header))],
            state == RepairState.Damaged ? problem ?? "what is wrong with it can't be repaired: verify tells." : problem);
    }

    private static ByteRange Range((long First, long End) blocks, ImageHeader header)
    {
        var offset = blocks.First * header.BlockSize;
        return new ByteRange(offset, Math.Min(blocks.End * header.BlockSize, header.SourceBytes) - offset);
    }
}
