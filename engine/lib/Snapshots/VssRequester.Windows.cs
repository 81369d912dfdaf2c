namespace Tidemark.Engine.Snapshots;

/// <summary>
/// The calls of a requester, one a method, with failures in words (<see cref="VssException"/>). One object serves one backup,
/// on a thread in COM's multithreaded apartment; <see cref="VssSnapshotSet"/> knows the order.
/// </summary>
internal abstract class VssRequester : IDisposable
{
    // What VSS was to do, as messages have it.
    protected const string Begin = "begin a backup";
    protected const string SetKind = "set the kind of snapshot";
    protected const string SetType = "set the kind of backup";
    protected const string AskWriters = "ask its writers what they have";
    protected const string AskState = "ask its writers for their state";
    protected const string StartSet = "begin a set of snapshots";
    protected const string PrepareWriters = "prepare its writers for the backup";
    protected const string MakeSnapshots = "make the snapshots";
    protected const string TellComplete = "tell its writers that the backup is complete";

    public abstract void Initialize(VssBackupType type);

    /// <summary>The names of the writers that take part.</summary>
    public abstract IReadOnlyList<string> GatherWriters(CancellationToken cancellation);

    public abstract IReadOnlyList<VssWriterStatus> GatherStatus(CancellationToken cancellation);

    public abstract bool IsSupported(string volume);

    /// <summary>The set's id; null while another set is being made.</summary>
    public abstract Guid? TryStartSet();

    /// <summary>Adds a volume to the set and returns the id of its snapshot.</summary>
    public abstract Guid Add(string volume);

    public abstract void Prepare(CancellationToken cancellation);

    public abstract void DoSet(CancellationToken cancellation);

    public abstract void Complete(CancellationToken cancellation);

    /// <summary>The device and the time of a snapshot.</summary>
    public abstract VolumeSnapshot Snapshot(Guid id, string volume);

    /// <summary>Tells writers that the backup failed. The result is an HRESULT: whoever aborts goes on in any case.</summary>
    public abstract int Abort();

    /// <summary>Deletes all snapshots of the set; an HRESULT.</summary>
    public abstract int Delete(Guid set);

    public abstract void Dispose();

    protected static string AskSupport(string volume) => $"tell whether it supports {volume}";

    protected static string AddTo(string volume) => $"add {volume} to the set of snapshots";

    protected static string AskDevice(string volume) => $"tell where the snapshot of {volume} is";

    protected static VolumeSnapshot Made(string volume, string device, Guid id, DateTimeOffset created) => device.Length == 0
        ? throw new VssException($"VSS made a snapshot of {volume} and has no device for it. Run again; the event log may tell more.")
        : new VolumeSnapshot(VssSnapshotProvider.Name, volume, device, id.ToString("D"), created);
}
