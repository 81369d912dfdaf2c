using System.Runtime.InteropServices;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Repairs;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations;

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
        if (ImageAddress.NamesOne(request.Chain) && !Directory.Exists(request.Chain))
        {
            throw TidemarkException.WrongUse("A healing looks at a whole chain. Give the chain's folder without @.");
        }

        using var key = request.Key.Open();
        using var source = OpenedSource.Open(request.Source);
        StoreFolder folder = LocalStoreFolder.Open(request.Chain);
        var pacer = RatePacer.For(request.MaxRate, TimeProvider.System);
        if (pacer is not null)
        {
            folder = new PacedStoreFolder(folder, pacer, cancellation);
        }

        return Run(
            folder, source.Device, request.Source, key, observer, TimeProvider.System, SystemRandomSource.Instance, cancellation, pacer: pacer);
    }

    /// <summary>The same for a folder of any store and any device.</summary>
    internal static HealResult Run(
        StoreFolder folder, BlockDevice source, string sourceName, KeySource? key, IRunObserver observer, TimeProvider time, RandomSource random,
        CancellationToken cancellation, int? workers = null, RatePacer? pacer = null)
    {
        using var traced = new TracedRun("heal", folder.Name);
        var clock = new RunClock(time);
        using var held = folder.TryLock(out var holder) ?? throw new TidemarkException(
            TidemarkError.Busy, $"Another run holds {folder.Name} ({holder}). Wait for it to end, and run again.");
        ImageFiles.RemoveLeftovers(folder);
        using var chain = Chain.Load(folder);
        if (chain.Members.Count == 0)
        {
            throw TidemarkException.WrongUse($"{folder.Name} holds no images. Give a chain's folder.");
        }

        chain.Unlock(key);
        var report = new VerifyReport();
        using var frames = new FramePipeline(workers ?? Environment.ProcessorCount);
        List<HealedImage> images = [];
        List<string> notes = [];
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
        var total = chain.Members.Sum(m => m.Files.Sum(f => f.Length));
        var done = 0L;
        foreach (var member in chain.Members)
        {
            if (member.Image is not { } image)
            {
                notes.Add($"Image {member.Sequence} can't be read, so nothing of it can be healed: {member.Problem} Run repair first.");
            }
            else
            {
                var check = new ImageCheck(chain, member, report);
                check.Run(chain.Parent(image), frames, null, chain.Hasher(image), Tell, cancellation);
                if (check.HasIndexDamage)
                {
                    notes.Add($"The index of image {member.Sequence} is damaged: run repair first, which may bring back what proves more of its blocks.");
                }

                if (run.Image(member, check.Unhealed(), cancellation) is { } healed)
                {
                    images.Add(healed);
                }
            }

            done += member.Files.Sum(f => f.Length);
            Tell(0);
        }

        return traced.Completed(new HealResult
        {
            Chain = folder.Name,
            Source = sourceName,
            Images = images,
            ReadBytes = run.ReadBytes,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
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
}
