namespace Tidemark.Engine.Stores.Layers;

/// <summary>A folder that is read as it is and never changed: what is written is counted and let go.</summary>
/// <param name="folder">Null for a folder that isn't there.</param>
/// <param name="name">What messages call it.</param>
internal sealed class TrialFolder(StoreFolder? folder, string name) : StoreFolder
{
    public override string Name => name;

    public override string ShortName => folder?.ShortName ?? Path.GetFileName(name);

    public override IReadOnlyList<string> Notes => folder?.Notes ?? [];

    public override IReadOnlyList<StoreEntry> List() => folder?.List() ?? [];

    public override IReadOnlyList<string> ListUnfinished() => folder?.ListUnfinished() ?? [];

    public override int RemoveUnfinished() => 0;

    public override StoreFile OpenRead(string name) =>
        folder?.OpenRead(name) ?? throw TidemarkException.Failed($"{Name} isn't there, and so isn't {name} in it.");

    public override StoreWriter Create(string name) => new CountingWriter();

    public override void Delete(string name)
    {
    }

    public override void Flush()
    {
    }

    public override StoreRegister Owner => folder?.Owner ?? new MemoryRegister();

    // Nothing is written, so nobody is kept from writing.
    public override IDisposable TryLock(out string holder)
    {
        holder = "";
        return new CountingWriter();
    }

    private sealed class CountingWriter : StoreWriter
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
}
