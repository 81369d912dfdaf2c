using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Repairs;

/// <summary>Takes what a trial writes, and keeps nothing of it.</summary>
internal sealed class NowhereWriter : StoreWriter
{
    private long position;

    public override long Position => position;

    public override void Append(ReadOnlySpan<byte> data) => position += data.Length;

    public override void Settle()
    {
    }

    public override StoreFile? OpenWritten() => null;

    public override void Complete(bool withNext = false)
    {
    }

    public override void Dispose()
    {
    }
}
