namespace Tidemark.Engine.Stores;

/// <summary>
/// A folder of the local file system. Every operation opens the folder anew, so that nothing keeps it open, and works
/// relative to that, without following links inside it. What is written has a temporary name (<see cref="TemporaryName"/>)
/// until it is complete and durable, and then gets its own by a rename that never replaces.
/// </summary>
internal abstract class LocalStoreFolder(string path) : StoreFolder
{
    private readonly Lock gate = new();
    private readonly List<string> notes = [];
    private WriterLock? held;

    public override string Name => path;

    public override string ShortName => Path.GetFileName(path) is { Length: > 0 } name ? name : path;

    public sealed override IReadOnlyList<string> Notes
    {
        get
        {
            lock (gate)
            {
                return [.. notes];
            }
        }
    }

    /// <summary>Names that aren't known to be durable.</summary>
    protected UnflushedNames Unflushed { get; } = new();

    public sealed override IReadOnlyList<StoreEntry> List() => [.. Files().Where(entry => !TemporaryName.TryParse(entry.Name, out _))];

    public sealed override IReadOnlyList<string> ListUnfinished()
    {
        var names = new List<string>();
        foreach (var entry in Files())
        {
            if (TemporaryName.TryParse(entry.Name, out var name) && name.Length > 0)
            {
                names.Add(name);
            }
        }

        return names;
    }

    public sealed override int RemoveUnfinished()
    {
        var count = 0;
        foreach (var entry in Files().ToList())
        {
            if (TemporaryName.TryParse(entry.Name, out _))
            {
                Delete(entry.Name);
                count++;
            }
        }

        return count;
    }

    public sealed override void Flush()
    {
        FlushNames();
        Unflushed.Flush();
    }

    /// <summary>Gives a file that is written and durable its name.</summary>
    public void Publish(string temporary, string name, bool withNext)
    {
        RequireLock();
        if (!withNext && Unflushed.HasOthers(temporary))
        {
            Flush();
        }

        Rename(temporary, name);
        Unflushed.Name(temporary, name);
        if (!withNext)
        {
            try
            {
                Flush();
            }
            catch (TidemarkException e)
            {
                throw TidemarkException.AfterCommit(
                    $"{name} in {path} is written, checked and has its name, but a power failure may take it yet", e);
            }
        }
    }

    /// <summary>Removes a file that nobody saw; where that fails, the next run does it.</summary>
    public void Discard(string temporary)
    {
        try
        {
            Delete(temporary);
            Unflushed.Remove(temporary);
        }
        catch (TidemarkException)
        {
            // The run that failed has its own message.
            return;
        }
    }

    /// <summary>Remembers what the file system refused; the same is told once.</summary>
    public void AddNote(string note)
    {
        lock (gate)
        {
            if (!notes.Contains(note))
            {
                notes.Add(note);
            }
        }
    }

    /// <summary>Opens the folder at a path that a user gave; links on the way to it are followed.</summary>
    /// <exception cref="TidemarkException">The path isn't a folder, or can't be read.</exception>
    public static LocalStoreFolder Open(string path)
    {
        var folder = At(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        folder.RequireReadable();
        return folder;
    }

    /// <summary>The folder at an absolute path that is known to be one.</summary>
    internal static LocalStoreFolder At(string path) =>
        OperatingSystem.IsLinux() ? new LinuxStoreFolder(path)
        : OperatingSystem.IsWindows() ? new WindowsStoreFolder(path)
        : throw new PlatformNotSupportedException("Stores in local folders work on Linux and Windows only.");

    /// <summary>How this folder is locked; tests make machines of their own and shares without locks.</summary>
    internal LockSetup Locking { get; set; } = LockSetup.Real;

    /// <summary>
    /// Takes the system's lock, which keeps all processes of this machine apart, and then the owner's file, which keeps
    /// machines apart. As long as it is held, no file gets its name without another look at that.
    /// </summary>
    public sealed override IDisposable? TryLock(out string holder)
    {
        IDisposable? system = null;
        var works = false;
        holder = "";
        if (Locking.SystemLocks && (system = TakeSystemLock(out works, out holder)) is null)
        {
            return null;
        }

        try
        {
            var timing = Locking.Timing ?? (works && !IsShared() ? LockTiming.Local : LockTiming.Shared);
            var claim = LockClaim.TryTake(
                Owner(), Locking.Self, SystemRandomSource.Instance.NewGuid(), timing, Locking.Time, Locking.Wait, out var other);
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
    public string? BreakLock(TimeSpan watch, Action<TimeSpan> wait)
    {
        using var system = Locking.SystemLocks
            ? TakeSystemLock(out _, out var holder) ?? throw new TidemarkException(
                TidemarkError.Busy, $"A run of this machine holds {Name} ({holder}), and no lock of it is removed: wait for it to end, or end it.")
            : null;
        var owner = Owner();
        if (owner.Read() is not { } content)
        {
            return null;
        }

        var known = LockOwner.TryParse(content);
        var text = known?.Describe() ?? "unknown";
        if (known is not null && Locking.Self.Judge(known) == OwnerState.Running)
        {
            throw new TidemarkException(
                TidemarkError.Busy, $"A run of this machine holds {Name} ({text}), and no lock of it is removed: wait for it to end, or end it.");
        }

        if (LockClaim.Lives(owner, content, watch, wait))
        {
            throw new TidemarkException(
                TidemarkError.Busy, $"The run that holds {Name} ({text}) is alive: its lock changed just now. Wait for it to end, or end it there.");
        }

        owner.Delete();
        Flush();
        return text;
    }

    public sealed override void RemoveIfUnused()
    {
        try
        {
            if (!Files().Any())
            {
                // A run that waits for the lock meanwhile puts its owner's file there, and the folder stays.
                Directory.Delete(path);
            }
        }
        catch (Exception e) when (e is TidemarkException or IOException or UnauthorizedAccessException)
        {
            // An empty folder is no harm.
        }
    }

    /// <summary>The names of the folders directly in this one.</summary>
    public abstract List<string> ListFolders();

    /// <summary>Makes a folder in this one, durably.</summary>
    public abstract void MakeFolder(string name);

    /// <summary>Makes sure that an entry is a folder, and not a link to one.</summary>
    public abstract void RequireFolder(string name);

    /// <summary>Makes sure that the folder itself is one that can be read.</summary>
    protected abstract void RequireReadable();

    /// <summary>All regular files but the lock's.</summary>
    protected abstract IEnumerable<StoreEntry> Files();

    /// <summary>Renames a file, where nothing has the new name.</summary>
    protected abstract void Rename(string temporary, string name);

    /// <summary>Makes the folder's names durable.</summary>
    protected abstract void FlushNames();

    /// <summary>The file that names the holder of the lock.</summary>
    protected abstract OwnerFile Owner();

    /// <summary>The system's own lock; null where another process has it.</summary>
    protected abstract IDisposable? TakeSystemLock(out bool works, out string holder);

    /// <summary>Whether another machine may have the same files before it.</summary>
    protected abstract bool IsShared();

    public sealed override void RequireLock()
    {
        if (held is { Ended: false })
        {
            held.RequireHeld(path);
        }
    }

    protected string PathOf(string name) => Path.Combine(path, name);

    private string Describe(LockOwner other) => Locking.Self.Judge(other) switch
    {
        OwnerState.Running or OwnerState.Gone => other.Describe(),
        _ => $"{other.Describe()}, on another machine or in another container; if that run is over, 'tidemark unlock {Name}' removes its lock",
    };

    protected TidemarkException IsThere(string name) =>
        TidemarkException.Failed($"{PathOf(name)} is there already. Look at it, and at what else writes there.");

    protected TidemarkException NotRegular(string name) =>
        TidemarkException.WrongUse($"{PathOf(name)} is not a regular file, and nothing else is touched. Look at it.");
}
