namespace Tidemark.Engine.Stores;

/// <summary>One object of a folder.</summary>
internal readonly record struct StoreEntry(string Name, long Length);

/// <summary>
/// The folder of one chain: objects that are written once, from front to back, and come into being whole under their names
/// or not at all; they are read at any offset and deleted, and never changed, renamed or replaced. Errors are
/// <see cref="TidemarkException"/>s that name the object and say what to do.
/// </summary>
/// <remarks>
/// After a loss of power an object is there with all its bytes or not there. One that was completed stays, and whatever was
/// begun before another was completed is not forgotten where that other is there: it is complete, or
/// <see cref="ListUnfinished"/> tells it, as far as the store can tell such things at all.
/// </remarks>
internal abstract class StoreFolder
{
    private WriterLock? held;

    /// <summary>What messages call it: the full path of a local folder.</summary>
    public abstract string Name { get; }

    /// <summary>The last component of its name.</summary>
    public abstract string ShortName { get; }

    /// <summary>What the store says of its transfers.</summary>
    public virtual StoreTraits Traits => StoreTraits.Local;

    /// <summary>What the place refused and was done in another way so far, for people; each once.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>The complete objects directly in the folder, in no order; links, devices and folders are not listed.</summary>
    public abstract IReadOnlyList<StoreEntry> List();

    /// <summary>
    /// The names of objects that were begun and aren't complete, as far as the store can tell: somebody writes them now, or
    /// died meanwhile. A name may be told more than once, and one that has come into being since.
    /// </summary>
    public abstract IReadOnlyList<string> ListUnfinished();

    /// <summary>
    /// Removes what is left of objects that were begun and never completed. Whoever still writes one can't complete it any
    /// more. Only the holder of the lock may.
    /// </summary>
    /// <returns>How many were removed.</returns>
    public abstract int RemoveUnfinished();

    /// <summary>Opens an object for reading; what isn't a regular file is refused.</summary>
    public abstract StoreFile OpenRead(string name);

    /// <summary>
    /// Begins an object, which nobody sees before it is complete. One that is there already is an error here; one that
    /// comes into being meanwhile is an error when this one is completed.
    /// </summary>
    public abstract StoreWriter Create(string name);

    /// <summary>
    /// Deletes an object. Who has it open reads on; where the system keeps the name until then, it goes with the last reader.
    /// </summary>
    public abstract void Delete(string name);

    /// <summary>Makes deletions durable, and all names.</summary>
    public abstract void Flush();

    /// <summary>The register that names who writes here; empty where nobody does.</summary>
    public abstract StoreRegister Owner { get; }

    /// <summary>How this folder is locked; tests make machines of their own and shares without locks.</summary>
    internal LockSetup Locking { get; set; } = LockSetup.Real;

    /// <summary>
    /// Takes the folder's writer lock: the system's own, where there is one, and then the register. It ends with the returned
    /// object; the process may die with it, which the next run finds out. As long as it is held, no object gets its name
    /// without another look at it. Null if another run holds it, and then <paramref name="holder"/> says who, as far as is
    /// known.
    /// </summary>
    public virtual IDisposable? TryLock(out string holder)
    {
        IDisposable? system = null;
        var works = false;
        holder = "";
        if (Locking.SystemLocks && !TryLockSystem(out system, out works, out holder))
        {
            return null;
        }

        try
        {
            var timing = Locking.Timing ?? (works && !IsShared() ? LockTiming.Local : LockTiming.Shared);
            var claim = LockClaim.TryTake(
                Owner, Locking.Self, SystemRandomSource.Instance.NewGuid(), timing, Locking.Time, Locking.Wait, out var other);
            if (claim is null)
            {
                holder = other is null ? "unknown" : Describe(other);
                return null;
            }

            held = WriterLock.Begin(system, claim, timing, Locking.Time);
            system = null;
            return held;
        }
        finally
        {
            system?.Dispose();
        }
    }

    /// <summary>Removes the lock of a run that is over, but whose end nobody can see from here.</summary>
    /// <param name="watch">How long its owner is watched for a sign of life; zero to trust whoever asks.</param>
    /// <param name="wait">Waits.</param>
    /// <returns>Whose lock it was; null where there was none.</returns>
    /// <exception cref="TidemarkException">A run of this machine holds the folder, or the owner shows signs of life.</exception>
    public virtual string? BreakLock(TimeSpan watch, Action<TimeSpan> wait)
    {
        IDisposable? system = null;
        if (Locking.SystemLocks && !TryLockSystem(out system, out _, out var holder))
        {
            throw Held(holder);
        }

        using (system)
        {
            var found = Owner.Read();
            if (found.Value is not { } content)
            {
                return null;
            }

            var known = LockOwner.TryParse(content);
            var text = known?.Describe() ?? "unknown";
            if (known is not null && Locking.Self.Judge(known) == OwnerState.Running)
            {
                throw Held(text);
            }

            if (LockClaim.Lives(Owner, found, watch, wait) || !Owner.TrySet(null, found.Version))
            {
                throw new TidemarkException(
                    TidemarkError.Busy, $"The run that holds {Name} ({text}) is alive: its lock changed just now. Wait for it to end, or end it there.");
            }

            Flush();
            return text;
        }

        TidemarkException Held(string by) => new(
            TidemarkError.Busy, $"A run of this machine holds {Name} ({by}), and no lock of it is removed: wait for it to end, or end it.");
    }

    /// <summary>Makes sure that the lock taken through this object, if any, is still this run's.</summary>
    /// <exception cref="TidemarkException">Another run has taken it.</exception>
    public virtual void RequireLock()
    {
        if (held is { Ended: false })
        {
            held.RequireHeld(Name);
        }
    }

    /// <summary>
    /// Removes the folder where nothing was ever put into it but its lock, if it can be removed: a run that made it and
    /// stored nothing leaves nothing.
    /// </summary>
    public virtual void RemoveIfUnused()
    {
    }

    /// <summary>
    /// Takes the lock that the system itself has for the folder, and that ends with the process; false where another process
    /// has it.
    /// </summary>
    /// <param name="taken">Null where there are no such locks.</param>
    /// <param name="works">Whether it keeps others out.</param>
    protected virtual bool TryLockSystem(out IDisposable? taken, out bool works, out string holder)
    {
        taken = null;
        works = false;
        holder = "";
        return true;
    }

    /// <summary>Whether another machine may have the same folder before it.</summary>
    protected virtual bool IsShared() => true;

    private string Describe(LockOwner other) => Locking.Self.Judge(other) switch
    {
        OwnerState.Running or OwnerState.Gone => other.Describe(),
        _ => $"{other.Describe()}, on another machine or in another container; if that run is over, 'tidemark unlock {Name}' removes its lock",
    };
}
