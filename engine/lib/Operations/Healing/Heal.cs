using System.Runtime.InteropServices;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Repairs;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations.Healing;

/// <summary>Brings damaged blocks of a chain back from the live source; committed files stay untouched.</summary>
public static class Heal
{
    /// <summary>
    /// Proves every block of the chain, and reads those that are damaged from the source again. Where the identity hash is
    /// still the one in the index, the block goes into a healing image beside the damaged one.
    /// </summary>
    /// <exception cref="TidemarkException">There is no chain, another run holds it, its key is wrong, or the source can't be opened.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; images healed before stay so.</exception>
    public static HealResult Run(HealRequest request, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        using var key = request.Key.Open();
        using var source = request.Source.Open(SourceHelp.Of(new ProgramWait(observer.Warn, cancellation)));
        source.Tell(observer);
        request.Source.WarnIfLive(observer);
        StoreFolder folder = request.Chain.OpenFolder();
        var pacer = RatePacer.For(request.MaxRate, TimeProvider.System);
        if (pacer is not null)
        {
            folder = new PacedFolder(folder, pacer, cancellation);
        }

        return Run(
            folder, source.Device, request.Source.Text, key, observer, TimeProvider.System, SystemRandomSource.Instance, cancellation, pacer: pacer);
    }

    /// <summary>The same for a folder of any store and any device.</summary>
    internal static HealResult Run(
        StoreFolder folder, BlockDevice source, string sourceName, KeySource? key, IRunObserver observer, TimeProvider time, RandomSource random,
        CancellationToken cancellation, int? workers = null, RatePacer? pacer = null)
    {
        using var traced = new TracedRun("heal", folder.Name);
        var clock = new RunClock(time);
        List<HealedImage> images = [];
        List<string> notes = [];
        var report = new VerifyReport();
        var (total, done, readBytes) = (0L, 0L, 0L);
        using (var taken = ChainTaken.TakeWithImages(folder))
        {
            var chain = taken.Chain;
            chain.Cancellation = cancellation;
            chain.Unlock(key);
            ChainCheck.CheckKeys(chain, report);
            using var frames = new FramePipeline(workers ?? Environment.ProcessorCount);
            using var scrub = new PayloadScrub();
            var run = new HealRun(chain, source, workers ?? 1, time, random, new()
            {
                Source = sourceName,
                Machine = Environment.MachineName,
                System = RuntimeInformation.OSDescription,
                Writer = $"tidemark {typeof(Heal).Assembly.GetName().Version?.ToString(3)}",
            })
            {
                Pacer = pacer,
            };
            total = chain.Members.Sum(m => m.Files.Sum(f => f.Length));
            foreach (var member in chain.Members)
            {
                var check = new MemberCheck(chain, member, report, cancellation);
                check.Files();
                ChainCheck.CheckLink(chain, member, report);
                if (member.Image is not { } image)
                {
                    notes.Add($"Image {member.Sequence} can't be read, so nothing of it can be healed: {member.Problem} Run repair first.");
                }
                else
                {
                    check.Images(frames, scrub, chain.Hasher(image), Tell);
                    if (check.Damage.InIndex)
                    {
                        notes.Add($"The index of image {member.Sequence} is damaged: run repair first, which may bring back what proves more of its blocks.");
                    }

                    if (run.Image(check, cancellation) is { } healed)
                    {
                        images.Add(healed);
                    }
                }

                done += member.Files.Sum(f => f.Length);
                Tell(0);
            }

            readBytes = run.ReadBytes;
        }

        DeleteReplaced(folder, images, notes);
        NoteOthers(report, images, notes);
        return traced.Completed(new HealResult
        {
            Chain = folder.Name,
            Source = sourceName,
            Images = images,
            ReadBytes = readBytes,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
            LeavesDamage = notes.Count > 0 || images.Exists(i => i.Left.Count > 0),
            Notes = [.. notes, .. folder.Notes],
        });

        void Tell(long position)
        {
            if (clock.IsDue())
            {
                observer.Progress(new RunProgress("heal", Math.Min(total, done + position), total, 0, clock.Seconds));
            }
        }
    }

    /// <summary>Deletes damaged healing images whose place others have taken, or that nothing is left for.</summary>
    private static void DeleteReplaced(StoreFolder folder, List<HealedImage> images, List<string> notes)
    {
        foreach (var file in images.SelectMany(i => i.Replaced))
        {
            try
            {
                folder.Delete(file);
            }
            catch (TidemarkException e)
            {
                notes.Add($"{file} is damaged and not needed any more, and couldn't be deleted: {e.Message}");
            }
        }

        if (images.Exists(i => i.Replaced.Count > 0))
        {
            folder.Flush();
        }
    }

    /// <summary>What is wrong besides blocks and healing images stays so, and must not go unsaid.</summary>
    private static void NoteOthers(VerifyReport report, List<HealedImage> images, List<string> notes)
    {
        var told = images.SelectMany(i => i.Replaced).ToHashSet(StringComparer.Ordinal);
        foreach (var finding in report.Others.Where(f => !told.Contains(f.File)))
        {
            if (!notes.Exists(n => n.Contains(finding.Message, StringComparison.Ordinal)))
            {
                notes.Add($"{finding.Message} Healing doesn't change that.");
            }
        }
    }
}
