namespace Tidemark.Engine.Stores;

/// <summary>A new file of a store, written from front to back by one thread.</summary>
internal abstract class StoreWriter : IDisposable
{
    /// <summary>Bytes appended so far.</summary>
    public abstract long Position { get; }

    /// <summary>Takes a copy; the write itself may happen later, and an error of it comes with a later call.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Makes everything appended durable; nothing may be appended after it.</summary>
    public abstract void Complete();

    /// <summary>Closes the file; without <see cref="Complete"/> before it, its content is undefined.</summary>
    public abstract void Dispose();
}
