namespace Tidemark.Engine.Stores;

/// <summary>A folder that is read as it is and never changed: what is written is counted and let go.</summary>
/// <param name="folder">Null for a folder that isn't there.</param>
/// <param name="name">What messages call it.</param>
internal sealed class TrialFolder(StoreFolder? folder, string name) : StoreFolder
{
    public override string Name => name;

    public override string ShortName => folder?.ShortName ?? Path.GetFileName(name);

    public override IReadOnlyList<string> Notes => folder?.Notes ?? [];

    public override IReadOnlyList<StoreEntry> List() => folder?.List() ?? [];

    public override StoreFile OpenRead(string name) =>
        folder?.OpenRead(name) ?? throw TidemarkException.Failed($"{Name} isn't there, and so isn't {name} in it.");

    public override StoreWriter Create(string name) => new CountingWriter();

    public override void Rename(string from, string to) => throw new NotSupportedException("a trial commits nothing");

    public override void Delete(string name)
    {
    }

    public override void Flush()
    {
    }

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

        public override void Complete()
        {
        }

        public override void Dispose()
        {
        }
    }
}
