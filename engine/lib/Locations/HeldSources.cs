using Tidemark.Engine.Devices;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Engine.Locations;

/// <summary>The sources of one run: which of them are held still, all of these at one point in time, and by what.</summary>
internal sealed class HeldSources : IDisposable
{
    private readonly Dictionary<SourceLocation, VolumeSnapshot> snapshots = [];
    private readonly SnapshotSet? set;

    private HeldSources(SnapshotSet? set, IReadOnlyList<(SourceLocation Source, int Index)> held)
    {
        this.set = set;
        foreach (var (source, index) in held)
        {
            snapshots.Add(source, set!.Snapshots[index]);
        }
    }

    /// <exception cref="TidemarkException">What was asked for can't be held still; nothing is left of it.</exception>
    public static HeldSources Hold(
        IReadOnlyList<SourceLocation> sources, SnapshotMode mode, SnapshotProvider? provider, IRunObserver observer,
        CancellationToken cancellation)
    {
        if (mode == SnapshotMode.Vss && provider is null)
        {
            throw TidemarkException.WrongUse("VSS is a part of Windows, and this system isn't. Leave VSS out.");
        }

        List<string> volumes = [];
        List<(SourceLocation, int)> held = [];
        foreach (var source in sources)
        {
            if (Choose(source, mode, provider, observer) is not { } volume)
            {
                continue;
            }

            if (volumes.Contains(volume, StringComparer.OrdinalIgnoreCase))
            {
                throw TidemarkException.WrongUse($"{source} names {volume}, which is given already. Name each source once.");
            }

            held.Add((source, volumes.Count));
            volumes.Add(volume);
        }

        return new HeldSources(volumes.Count == 0 ? null : provider!.Hold(volumes, observer, cancellation), held);
    }

    /// <summary>What holds a source still; null where nothing does.</summary>
    public VolumeSnapshot? Of(SourceLocation source) => snapshots.GetValueOrDefault(source);

    /// <summary>
    /// After a good run: tells whoever took part. A failure of that, or an interruption, is a note, since the images are whole
    /// and committed.
    /// </summary>
    /// <returns>What is worth knowing about how it went, for people.</returns>
    public IReadOnlyList<string> Complete(CancellationToken cancellation)
    {
        if (set is null)
        {
            return [];
        }

        var notes = new List<string>(set.Notes);
        try
        {
            set.Complete(cancellation);
        }
        catch (TidemarkException e)
        {
            notes.Add($"What was imaged is whole, but applications may not know of it. {e.Message}");
        }
        catch (OperationCanceledException)
        {
            notes.Add("What was imaged is whole, but applications may not know of it: the run was interrupted while they were told.");
        }

        return notes;
    }

    public void Dispose() => set?.Dispose();

    /// <summary>The volume to hold still; null where the source is imaged as it is.</summary>
    private static string? Choose(SourceLocation source, SnapshotMode mode, SnapshotProvider? provider, IRunObserver observer)
    {
        if (provider is null || mode == SnapshotMode.Held)
        {
            return null;
        }

        var candidate = source.Candidate;
        var volume = candidate is { } asked ? provider.VolumeOf(asked) : null;
        var isDisk = volume is null && candidate is { IsDisk: true };
        if (mode == SnapshotMode.Vss && volume is null)
        {
            throw isDisk
                ? TidemarkException.WrongUse(
                    $"{source} is a whole disk, and VSS holds only volumes still. Image its volumes ('tidemark sources' shows them).", Advice.NoSnapshot)
                : TidemarkException.WrongUse($"{source} isn't a volume, and VSS holds only volumes still. Leave VSS out for it.");
        }

        if (isDisk)
        {
            observer.Warn(
                $"{source} is a whole disk, and VSS holds only volumes still: what is written to it meanwhile may not fit together. "
                + "To have its volumes at one point, image them instead, all in one run.");
        }
        else if (mode == SnapshotMode.None && volume is not null)
        {
            observer.Warn(
                $"Nothing holds {source} still, as was asked for: what changes while it is read may not fit together, and applications "
                + "don't know that they are backed up.");
        }

        return mode == SnapshotMode.None ? null : volume;
    }
}
