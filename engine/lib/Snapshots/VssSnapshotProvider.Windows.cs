using Tidemark.Engine.Devices;
using Tidemark.Engine.Progress;
using Tidemark.Interop.Windows;

namespace Tidemark.Engine.Snapshots;

/// <summary>
/// A requester of the Volume Shadow Copy Service: the order of calls is that of "Overview of processing a backup under VSS",
/// the waits and retries are those that the documentation of the return values asks for.
/// </summary>
internal sealed partial class VssSnapshotProvider(VssBackupType type, TimeProvider time, string? library = null) : SnapshotProvider
{
    public const string Name = "vss";

    /// <summary>"It is recommended to wait ten minutes and try again, up to three times."</summary>
    public const int MaxAttempts = 4;

    /// <summary>Of another program's set: VSS ends one that takes longer than ten minutes.</summary>
    private static readonly TimeSpan BusyPatience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan TransientPause = TimeSpan.FromMinutes(10);

    public override string Kind => Name;

    public override string? VolumeOf(SnapshotCandidate source) => source.Device?.Root;

    public override SnapshotSet Hold(IReadOnlyList<string> volumes, IRunObserver observer, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return HoldOnce(volumes, observer, cancellation);
            }
            catch (VssException e) when (e.IsTransient && attempt < MaxAttempts)
            {
                observer.Warn(
                    $"{e.Message} Trying again in {TransientPause.TotalMinutes} minutes (attempt {attempt + 1} of {MaxAttempts}).");
                Sleep(TransientPause, cancellation);
            }
        }
    }

    /// <summary>Where a build has another requester (-p:UseAlphaVss=true), it takes the place of the own one here.</summary>
    static partial void Replace(ref Func<VssRequester> create);

    private VssSnapshotSet HoldOnce(IReadOnlyList<string> volumes, IRunObserver observer, CancellationToken cancellation)
    {
        Func<VssRequester> create = () => new NativeVssRequester(time, library);
        if (library is null)
        {
            Replace(ref create);
        }

        var set = new VssSnapshotSet(create, observer);
        try
        {
            set.Run(requester => requester.Initialize(type));
            set.GatherWriters(cancellation);
            set.Run(requester => RequireSupported(requester, volumes));
            StartSet(set, observer, cancellation);
            set.Make(volumes, cancellation);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    private static void RequireSupported(VssRequester requester, IReadOnlyList<string> volumes)
    {
        foreach (var volume in volumes)
        {
            if (!requester.IsSupported(volume))
            {
                throw TidemarkException.WrongUse(
                    $"VSS can't make a snapshot of {volume}: no provider on this machine supports it, as a rule because it is neither "
                    + "NTFS nor ReFS.",
                    Advice.NoSnapshot);
            }
        }
    }

    private void StartSet(VssSnapshotSet set, IRunObserver observer, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var told = false;
        while (!set.TryStart())
        {
            if (time.GetElapsedTime(began) >= BusyPatience)
            {
                throw VssErrors.Failure("begin a set of snapshots", VSS_E.VSS_E_SNAPSHOT_SET_IN_PROGRESS);
            }

            if (!told)
            {
                observer.Warn(
                    $"Another program is making a snapshot just now, and VSS makes one at a time. Waiting up to {BusyPatience.TotalMinutes} minutes.");
                told = true;
            }

            Sleep(BusyPause, cancellation);
        }
    }

    private void Sleep(TimeSpan pause, CancellationToken cancellation) =>
        Task.Delay(pause, time, cancellation).GetAwaiter().GetResult();
}
