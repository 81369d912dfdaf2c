using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Keys;

/// <summary>A folder in memory that keeps the contract's promises and records what was flushed; writes can be made to go wrong.</summary>
internal sealed class MemoryFolder : StoreFolder
{
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Changes what a completed file really holds, as a bad disk would.</summary>
    public Func<byte[], byte[]>? Spoil { get; set; }

    public bool IsFlushed { get; private set; }

    public override string Name => "memory";

    public override string ShortName => "memory";

    public override IReadOnlyList<string> ListUnfinished() => [];

    public override int RemoveUnfinished() => 0;

    public override IReadOnlyList<StoreEntry> List() =>
        [.. Files.Select(file => new StoreEntry(file.Key, file.Value.Length))];

    public override StoreFile OpenRead(string name) => Files.TryGetValue(name, out var content)
        ? new MemoryFile(name, content)
        : throw TidemarkException.Failed($"{name} isn't there.");

    public override StoreWriter Create(string name)
    {
        RequireFree(name);
        return new MemoryWriter(this, name);
    }

    public override void Delete(string name)
    {
        if (!Files.Remove(name))
        {
            throw TidemarkException.Failed($"{name} isn't there.");
        }

        IsFlushed = false;
    }

    public override void Flush() => IsFlushed = true;

    public override StoreRegister Owner { get; } = new MemoryRegister();

    private void RequireFree(string name)
    {
        if (Files.ContainsKey(name))
        {
            throw TidemarkException.Failed($"{name} is already there.");
        }
    }

    private sealed class MemoryFile(string name, byte[] content) : StoreFile
    {
        public override string Name => name;

        public override long Length => content.Length;

        public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation) =>
            content.AsSpan((int)offset, buffer.Length).CopyTo(buffer);

        public override void Dispose()
        {
        }
    }

    private sealed class MemoryWriter(MemoryFolder folder, string name) : StoreWriter
    {
        private readonly List<byte> content = [];
        private byte[] stored = [];

        public override long Position => content.Count;

        public override void Append(ReadOnlySpan<byte> data) => content.AddRange(data);

        public override void Settle() => stored = (folder.Spoil ?? (bytes => bytes))([.. content]);

        public override StoreFile OpenWritten() => new MemoryFile(name, stored);

        public override void Complete(bool withNext = false)
        {
            Settle();
            folder.RequireFree(name);
            folder.Files.Add(name, stored);
            folder.IsFlushed = !withNext;
        }

        public override void Dispose()
        {
        }
    }
}
