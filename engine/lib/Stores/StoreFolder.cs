namespace Tidemark.Engine.Stores;

/// <summary>One file of a folder.</summary>
internal readonly record struct StoreEntry(string Name, long Length);

/// <summary>
/// The folder of one chain: files that are written once from front to back, renamed into place, read at any offset and
/// deleted, and never changed. Errors are <see cref="TidemarkException"/>s that name the file and say what to do.
/// </summary>
internal abstract class StoreFolder
{
    /// <summary>What messages call it: the full path of a local folder.</summary>
    public abstract string Name { get; }

    /// <summary>The last component of its name.</summary>
    public abstract string ShortName { get; }

    /// <summary>What the place refused and was done in another way so far, for people; each once.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>Regular files directly in the folder, in no order; links, devices and folders are not listed.</summary>
    public abstract IReadOnlyList<StoreEntry> List();

    /// <summary>Opens a file for reading; one that isn't a regular file is refused.</summary>
    public abstract StoreFile OpenRead(string name);

    /// <summary>Makes a new file; an existing one is an error.</summary>
    public abstract StoreWriter Create(string name);

    /// <summary>Gives a file its final name in one step; never replaces an existing file.</summary>
    public abstract void Rename(string from, string to);

    /// <summary>
    /// Deletes a file. Who has it open reads on; where the system keeps the name until then, it goes with the last reader.
    /// </summary>
    public abstract void Delete(string name);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    public abstract void Flush();

    /// <summary>
    /// Takes the folder's writer lock, which ends with the returned object or with the process.
    /// Null if another run holds it, and then <paramref name="holder"/> says who, as far as is known.
    /// </summary>
    public abstract IDisposable? TryLock(out string holder);

    /// <summary>
    /// Removes the folder where nothing was ever put into it but its lock, if it can be removed: a run that made it and
    /// stored nothing leaves nothing.
    /// </summary>
    public virtual void RemoveIfUnused()
    {
    }

    /// <summary>
    /// Makes sure that the lock taken through this object, if any, is still this run's. Where only this process can give
    /// it away there is nothing to look at.
    /// </summary>
    /// <exception cref="TidemarkException">Another run has taken it.</exception>
    public virtual void RequireLock()
    {
    }
}
