namespace Tidemark.Engine.Snapshots;

/// <summary>
/// Volumes held still at one point in time. Disposing deletes the snapshots whatever happened, and tells whoever took part
/// that the backup failed unless <see cref="Complete"/> said otherwise.
/// </summary>
internal abstract class SnapshotSet : IDisposable
{
    /// <summary>In the order of the volumes asked for.</summary>
    public abstract IReadOnlyList<VolumeSnapshot> Snapshots { get; }

    /// <summary>What is worth knowing about how it went, for people.</summary>
    public abstract IReadOnlyList<string> Notes { get; }

    /// <summary>Tells whoever took part that everything was backed up well. Once, with the images committed.</summary>
    /// <exception cref="TidemarkException">They couldn't be told, or one failed at it; the images stand.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract void Complete(CancellationToken cancellation);

    /// <summary>Never throws; what couldn't be cleaned up is a warning.</summary>
    public abstract void Dispose();
}
