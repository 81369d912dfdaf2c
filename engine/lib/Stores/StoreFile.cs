namespace Tidemark.Engine.Stores;

/// <summary>A file of a store, open for reading at any offset and from any thread.</summary>
internal abstract class StoreFile : IDisposable
{
    /// <summary>What messages call it.</summary>
    public abstract string Name { get; }

    public abstract long Length { get; }

    /// <summary>Whether <see cref="Expect"/> saves time where what is read is small and lies behind one another.</summary>
    public virtual bool TakesHints => false;

    /// <summary>Fills <paramref name="buffer"/>; a file that ends before is <see cref="TidemarkError.Damaged"/>.</summary>
    public void ReadAt(long offset, Span<byte> buffer) => ReadAt(offset, buffer, default);

    /// <inheritdoc cref="ReadAt(long, Span{byte})"/>
    /// <param name="cancellation">Ends a read of a store that may take long; a read of a local file ends by itself.</param>
    public abstract void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation);

    /// <summary>A hint that a range will be read soon; it may have begun to come in when that happens. Never fails.</summary>
    public virtual void Expect(long offset, long length)
    {
    }

    public abstract void Dispose();
}
