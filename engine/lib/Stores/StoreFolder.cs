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
    /// <summary>What messages call it: the full path of a local folder.</summary>
    public abstract string Name { get; }

    /// <summary>The last component of its name.</summary>
    public abstract string ShortName { get; }

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
