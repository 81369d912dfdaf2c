namespace Tidemark.Engine.Stores;

/// <summary>A file of a <see cref="MemoryStoreFolder"/>, open for reading; it stays readable when it is deleted.</summary>
internal sealed class MemoryStoreFile(string name, MemoryContent content) : StoreFile
{
    public override string Name => name;

    public override long Length { get; } = content.Length;

    public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        var read = content.Read(offset, buffer);
        if (read < buffer.Length)
        {
            throw TidemarkException.Damaged(
                $"{Name} ends at {offset + read}, where {buffer.Length - read} more bytes were expected. " +
                "It was cut off: bring it back from a copy.");
        }
    }

    public override void Dispose()
    {
    }
}
