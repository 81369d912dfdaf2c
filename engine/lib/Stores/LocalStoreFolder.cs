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

    public sealed override StoreRegister Owner => new LocalRegister(OwnerFile());

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
    protected abstract OwnerFile OwnerFile();

    protected string PathOf(string name) => Path.Combine(path, name);

    protected TidemarkException IsThere(string name) =>
        TidemarkException.Failed($"{PathOf(name)} is there already. Look at it, and at what else writes there.");

    protected TidemarkException NotRegular(string name) =>
        TidemarkException.WrongUse($"{PathOf(name)} is not a regular file, and nothing else is touched. Look at it.");
}
