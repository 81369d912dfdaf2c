namespace Tidemark.Engine.Stores.Layers;

/// <summary>An object in front of another, which does all that a layer leaves to it.</summary>
internal abstract class LayeredFile(StoreFile file) : StoreFile
{
    public override string Name => file.Name;

    public override long Length => file.Length;

    /// <summary>The object behind.</summary>
    protected StoreFile Behind => file;

    public override bool TakesHints => file.TakesHints;

    public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation) => file.ReadAt(offset, buffer, cancellation);

    public override void Expect(long offset, long length) => file.Expect(offset, length);

    public override void Dispose() => file.Dispose();
}
