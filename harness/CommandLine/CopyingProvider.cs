using Tidemark.Engine;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Harness.CommandLine;

/// <summary>Holds files still whose names end with ".vol", by copying them; and tells what was asked of it.</summary>
internal sealed class CopyingProvider : SnapshotProvider
{
    public static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public List<string> Calls { get; } = [];

    public bool FailsToHold { get; init; }

    public bool FailsToComplete { get; init; }

    /// <summary>Called when the set is told that all went well, before it tells anybody.</summary>
    public Action Completing { get; init; } = () => { };

    /// <summary>Called once everything is held.</summary>
    public Action Held { get; init; } = () => { };

    public override string Kind => "copy";

    public override string? VolumeOf(SnapshotCandidate source) => source.Path.EndsWith(".vol", StringComparison.Ordinal) ? source.Path : null;

    public override SnapshotSet Hold(IReadOnlyList<string> volumes, IRunObserver observer, CancellationToken cancellation)
    {
        Calls.Add($"hold {string.Join(' ', volumes.Select(Path.GetFileName))}");
        if (FailsToHold)
        {
            throw new VssException("It can't be held.");
        }

        var set = new Copies(this, volumes);
        Held();
        return set;
    }

    private sealed class Copies : SnapshotSet
    {
        private readonly CopyingProvider provider;
        private bool complete;

        public Copies(CopyingProvider provider, IReadOnlyList<string> volumes)
        {
            this.provider = provider;
            Snapshots = [.. volumes.Select(v => new VolumeSnapshot("copy", v, v + ".held", Path.GetFileName(v), Time))];
            foreach (var snapshot in Snapshots)
            {
                File.Copy(snapshot.Volume, snapshot.DevicePath);
            }
        }

        public override IReadOnlyList<VolumeSnapshot> Snapshots { get; }

        public override IReadOnlyList<string> Notes => ["Copied."];

        public override void Complete(CancellationToken cancellation)
        {
            provider.Calls.Add("complete");
            provider.Completing();
            cancellation.ThrowIfCancellationRequested();
            if (provider.FailsToComplete)
            {
                throw new VssException("Nobody listens.");
            }

            complete = true;
        }

        public override void Dispose()
        {
            provider.Calls.Add(complete ? "delete" : "abort, delete");
            foreach (var snapshot in Snapshots)
            {
                File.Delete(snapshot.DevicePath);
            }
        }
    }
}
