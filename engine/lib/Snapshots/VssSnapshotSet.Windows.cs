using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Snapshots;

/// <summary>One set of snapshots of VSS, from its beginning to its end, with what has to be undone at each stage.</summary>
internal sealed class VssSnapshotSet : SnapshotSet
{
    private readonly ComThread thread = new();
    private readonly VssRequester requester;
    private readonly IRunObserver observer;
    private readonly List<string> notes = [];
    private IReadOnlyList<VolumeSnapshot> snapshots = [];
    private Guid? started;

    // From the start of the set to the end of the backup, whoever stops has to tell the writers.
    private bool mustAbort;

    // Whether snapshots may exist; and whether they surely did.
    private bool mayExist;
    private bool exist;
    private bool disposed;

    public VssSnapshotSet(Func<VssRequester> create, IRunObserver observer)
    {
        this.observer = observer;
        VssRequester? created = null;
        try
        {
            thread.Run(() => created = create());
        }
        catch
        {
            thread.Dispose();
            throw;
        }

        requester = created!;
    }

    public override IReadOnlyList<VolumeSnapshot> Snapshots => snapshots;

    public override IReadOnlyList<string> Notes => notes;

    public void Run(Action<VssRequester> action) => thread.Run(() => action(requester));

    public void GatherWriters(CancellationToken cancellation) => thread.Run(() =>
    {
        var writers = requester.GatherWriters(cancellation);
        notes.Add(writers.Count == 0 ? "No VSS writer took part." : $"VSS writers that took part: {string.Join(", ", writers.Order(StringComparer.Ordinal))}.");
    });

    /// <summary>False while another set is being made.</summary>
    public bool TryStart()
    {
        thread.Run(() => started = requester.TryStartSet());
        mustAbort = started is not null;
        return mustAbort;
    }

    /// <summary>Adds the volumes, prepares the writers and makes the snapshots.</summary>
    public void Make(IReadOnlyList<string> volumes, CancellationToken cancellation) => thread.Run(() =>
    {
        var ids = volumes.Select(requester.Add).ToList();
        requester.Prepare(cancellation);
        RequireWriters(cancellation);
        cancellation.ThrowIfCancellationRequested();
        mayExist = true;
        requester.DoSet(cancellation);
        exist = true;
        RequireWriters(cancellation);
        snapshots = [.. ids.Zip(volumes, requester.Snapshot)];
    });

    public override void Complete(CancellationToken cancellation) => thread.Run(() =>
    {
        requester.Complete(cancellation);
        mustAbort = false;
        RequireWriters(cancellation);
    });

    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        thread.Run(End);
        thread.Dispose();
    }

    private void RequireWriters(CancellationToken cancellation)
    {
        if (VssWriterStatus.Failed(requester.GatherStatus(cancellation)) is { } failure)
        {
            throw failure;
        }
    }

    private void End()
    {
        if (mustAbort && requester.Abort() is < 0 and var aborted)
        {
            observer.Warn($"VSS couldn't tell its writers that the backup failed: {VssErrors.Describe(aborted)}");
        }

        // One that was interrupted while it was made may be there or not.
        if (mayExist && requester.Delete(started!.Value) is < 0 and var kept && exist)
        {
            observer.Warn(
                $"VSS couldn't delete the snapshots of set {started:B}: {VssErrors.Describe(kept)} They go with the end of this program; "
                + "'vssadmin list shadows' shows whether they did.");
        }

        requester.Dispose();
    }
}
