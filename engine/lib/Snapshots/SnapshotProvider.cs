using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Snapshots;

/// <summary>
/// Holds volumes still: several at one point in time, and for each the path of a device from which that point can be read.
/// </summary>
internal abstract class SnapshotProvider
{
    /// <summary>What images say of it: "vss".</summary>
    public abstract string Kind { get; }

    /// <summary>What this system has; null where it has nothing.</summary>
    public static SnapshotProvider? OfThisSystem(VssBackupType type, TimeProvider time) =>
        OperatingSystem.IsWindows() ? new VssSnapshotProvider(type, time) : null;

    /// <summary>The volume that a source is, by the name the provider knows it by; null for what it can't hold.</summary>
    public abstract string? VolumeOf(SnapshotCandidate source);

    /// <summary>
    /// Holds volumes still. Whoever has the set calls <see cref="SnapshotSet.Complete"/> after a good run and disposes it in
    /// any case.
    /// </summary>
    /// <param name="volumes">Names as <see cref="VolumeOf"/> gives them, each once, at least one.</param>
    /// <param name="observer">Told of what takes long or can't be cleaned up.</param>
    /// <param name="cancellation">Ends it in any step; nothing is left of it then.</param>
    /// <exception cref="TidemarkException">They aren't held, and nothing is left of it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, and nothing is left of it.</exception>
    public abstract SnapshotSet Hold(IReadOnlyList<string> volumes, IRunObserver observer, CancellationToken cancellation);
}
