namespace Tidemark.Engine.Stores;

/// <summary>
/// A new object of a store, written from front to back by one thread: appended to, settled, looked at, completed. One that
/// is disposed before it is complete leaves nothing that a reader sees.
/// </summary>
internal abstract class StoreWriter : IDisposable
{
    /// <summary>Bytes appended so far.</summary>
    public abstract long Position { get; }

    /// <summary>Takes a copy; the write itself may happen later, and an error of it comes with a later call.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Makes everything appended durable, without a name yet; nothing may be appended after it.</summary>
    public abstract void Settle();

    /// <summary>
    /// What was settled, as it is stored, for a look at it before it counts. Null where the store shows nothing before it
    /// is complete, and proves by its own checksums that it has what was sent.
    /// </summary>
    public abstract StoreFile? OpenWritten();

    /// <summary>
    /// Settles it, if that wasn't done, and gives it its name in one step, where no object has that name; in a folder that
    /// is locked, only as long as the lock is this run's. When this returns, content and name are durable.
    /// </summary>
    /// <param name="withNext">
    /// Its name may wait with that until the next object is completed, which nobody sees before: one flush for several.
    /// </param>
    /// <exception cref="TidemarkException">
    /// It has no name; unless <see cref="TidemarkException.IsCommitted"/> says that it has, and may lose it with the power.
    /// Where the store is gone nobody can tell: look.
    /// </exception>
    public abstract void Complete(bool withNext = false);

    /// <summary>Closes it, and removes what is left of one that wasn't completed, as far as that works.</summary>
    public abstract void Dispose();
}
