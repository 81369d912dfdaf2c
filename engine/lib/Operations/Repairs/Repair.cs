using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Repairs;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations.Repairs;

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
        using var key = request.Key.Open();
        StoreFolder folder = request.Chain.OpenFolder();
        if (RatePacer.For(request.MaxRate, TimeProvider.System) is { } pacer)
        {
            folder = new PacedFolder(folder, pacer, cancellation);
        }

        return Run(folder, key, observer, SystemRandomSource.Instance, cancellation);
    }

    /// <summary>The same for a folder of any store.</summary>
    internal static RepairResult Run(
        StoreFolder folder, KeySource? key, IRunObserver observer, RandomSource random, CancellationToken cancellation, int? workers = null)
    {
        using var traced = new TracedRun("repair", folder.Name);
        var clock = new RunClock(TimeProvider.System);
        using var taken = ChainTaken.TakeWithImages(folder);
        var chain = taken.Chain;
        chain.Cancellation = cancellation;
        List<RepairedImage> images = [];
        var others = new VerifyReport();
        chain.Unlock(key);
        ChainCheck.CheckKeys(chain, others);
        using (var frames = new FramePipeline(workers ?? Environment.ProcessorCount))
        using (var scrub = new PayloadScrub())
        {
            var total = chain.Members.Sum(m => m.Files.Sum(f => f.Length));
            var done = 0L;
            foreach (var member in chain.Members)
            {
                images.Add(Look(member));
                done += member.Files.Sum(f => f.Length);
                Tell(0);
            }

            RepairedImage Look(ChainMember member)
            {
                var report = new VerifyReport();
                var check = new MemberCheck(chain, member, report, cancellation);
                check.Files();
                if (member.Image is { } image)
                {
                    check.Images(frames, scrub, chain.Hasher(image), Tell);
                }

                var healings = check.BadHealings.Select(h => h.Files[0].Name).ToHashSet(StringComparer.Ordinal);
                return report.Total == 0
                    ? new RepairedImage(member.Sequence, RepairState.Whole, null, 0, 0, 0, [], null)
                    : WithHealings(
                        report.Findings.All(f => healings.Contains(f.File))
                            ? new RepairedImage(member.Sequence, RepairState.Whole, null, 0, 0, 0, [], null)
                            : Image(member, new ImageRepair(chain, member, key, random, cancellation).Run()),
                        healings);
            }

            void Tell(long position)
            {
                if (clock.IsDue())
                {
                    observer.Progress(new RunProgress("repair", Math.Min(total, done + position), total, 0, clock.Seconds));
                }
            }
        }

        var repaired = taken.Reload();
        repaired.Unlock(key);
        foreach (var member in repaired.Members)
        {
            ChainCheck.CheckLink(repaired, member, others);
        }

        return traced.Completed(new RepairResult
        {
            Chain = folder.Name,
            Images = images,
            Restorable = repaired.RestorablePoints(),
            Notes = [.. others.Findings.Select(f => f.Message)],
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
        });
    }

    /// <summary>A healing image is a copy of what a source has, and isn't repaired but made anew from there.</summary>
    private static RepairedImage WithHealings(RepairedImage image, HashSet<string> bad) => bad.Count == 0 ? image : image with
    {
        State = image.File is null ? RepairState.Damaged : RepairState.Partly,
        Problem = $"{(image.Problem is { } problem ? $"{problem} " : "")}{string.Join(", ", bad)} can't be used, or is damaged: 'tidemark heal' makes it anew.",
    };

    private static RepairedImage Image(ChainMember member, RepairOutcome outcome)
    {
        var damaged = outcome.DamagedFrames;
        var problem = outcome.Problem
            ?? (damaged == 0 ? null
                : damaged == 1 ? "1 frame is damaged beyond a flipped bit; 'tidemark heal' may bring its blocks back."
                : $"{damaged} frames are damaged beyond a flipped bit; 'tidemark heal' may bring their blocks back.");
        var state = outcome.File is null ? RepairState.Damaged : problem is null ? RepairState.Repaired : RepairState.Partly;
        var header = outcome.Header;
        return new RepairedImage(
            member.Sequence, state, outcome.File, outcome.PieceBytes, outcome.Corrected, damaged,
            header is null ? [] : [.. outcome.Lost.Select(l => Range(l, header))],
            state != RepairState.Damaged || problem is not null ? problem
                : member.BadRepairs is [var (unused, why), ..] ? $"{unused} is damaged, and the image is as whole without it: take the file away. ({why})"
                : "what is wrong with it can't be repaired: verify tells.");
    }

    private static ByteRange Range((long First, long End) blocks, ImageHeader header)
    {
        var offset = blocks.First * header.BlockSize;
        return new ByteRange(offset, Math.Min(blocks.End * header.BlockSize, header.SourceBytes) - offset);
    }
}
