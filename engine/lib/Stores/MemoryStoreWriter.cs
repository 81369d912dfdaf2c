using System.Diagnostics;

namespace Tidemark.Engine.Stores;

/// <summary>Writes a file of a <see cref="MemoryStoreFolder"/>.</summary>
internal sealed class MemoryStoreWriter(MemoryContent content) : StoreWriter
{
    private bool ended;

    public override long Position => content.Length;

    public override void Append(ReadOnlySpan<byte> data)
    {
        Debug.Assert(!ended, "the file is complete");
        content.Append(data);
    }

    public override void Complete()
    {
        Debug.Assert(!ended);
        ended = true;
    }

    public override void Dispose() => ended = true;
}
