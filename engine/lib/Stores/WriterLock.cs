namespace Tidemark.Engine.Stores;

/// <summary>The writer lock of a folder: the system's own lock, if there is one, and the owner's register with signs of life in it.</summary>
internal sealed class WriterLock : IDisposable
{
    private readonly IDisposable? system;
    private readonly LockClaim claim;
    private readonly ITimer timer;

    private WriterLock(IDisposable? system, LockClaim claim, LockTiming timing, TimeProvider time)
    {
        this.system = system;
        this.claim = claim;
        timer = time.CreateTimer(static claim => ((LockClaim)claim!).Beat(), claim, timing.Beat, timing.Beat);
    }

    /// <summary>The lock of who has taken both parts; signs of life begin.</summary>
    public static WriterLock Begin(IDisposable? system, LockClaim claim, LockTiming timing, TimeProvider time) =>
        new(system, claim, timing, time);

    /// <summary>Whether it was given back.</summary>
    public bool Ended { get; private set; }

    /// <exception cref="TidemarkException">Somebody else took the lock away.</exception>
    public void RequireHeld(string folder)
    {
        if (!claim.IsHeld(out var other))
        {
            throw new TidemarkException(
                TidemarkError.Busy,
                $"This run no longer holds {folder}: {(other is null ? "its lock was removed" : $"{other.Describe()} has taken it")}. "
                + "Nothing more was committed. See what else writes there, and run again.");
        }
    }

    public void Dispose()
    {
        if (!Ended)
        {
            Ended = true;
            timer.Dispose();
            claim.End();
            system?.Dispose();
        }
    }
}
