namespace Tidemark.Engine.Stores;

/// <summary>Writes an object of a <see cref="MemoryStoreFolder"/>.</summary>
internal sealed class MemoryStoreWriter(MemoryStoreFolder folder, string name) : StoreWriter
{
    private readonly MemoryContent content = new();
    private bool settled;
    private bool ended;

    public override long Position => content.Length;

    public override void Append(ReadOnlySpan<byte> data)
    {
        Invariant.Holds(!settled && !ended, "nothing follows what is settled");
        content.Append(data);
    }

    public override void Settle()
    {
        Invariant.Holds(!ended);
        settled = true;
    }

    public override StoreFile OpenWritten()
    {
        Invariant.Holds(settled && !ended);
        return new MemoryStoreFile($"{folder.Name}/{name}", content);
    }

    public override void Complete(bool withNext = false)
    {
        Invariant.Holds(!ended);
        folder.Complete(this, name, content);
        settled = ended = true;
    }

    public override void Dispose()
    {
        if (!ended)
        {
            ended = true;
            folder.GiveUp(this);
        }
    }
}
