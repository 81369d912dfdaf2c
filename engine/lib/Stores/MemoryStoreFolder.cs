namespace Tidemark.Engine.Stores;

/// <summary>A folder of a <see cref="MemoryStore"/>.</summary>
internal sealed class MemoryStoreFolder : StoreFolder
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, MemoryContent> files;
    private readonly string name;
    private readonly string shortName;
    private bool locked;

    public MemoryStoreFolder(string name, string shortName)
        : this(name, shortName, [])
    {
    }

    private MemoryStoreFolder(string name, string shortName, Dictionary<string, MemoryContent> files)
    {
        this.name = name;
        this.shortName = shortName;
        this.files = files;
    }

    public override string Name => name;

    public override string ShortName => shortName;

    public override IReadOnlyList<StoreEntry> List()
    {
        lock (gate)
        {
            return [.. files.Select(file => new StoreEntry(file.Key, file.Value.Length))];
        }
    }

    public override StoreFile OpenRead(string name)
    {
        StoreNames.CheckFile(name);
        lock (gate)
        {
            return new MemoryStoreFile($"{Name}/{name}", Find(name));
        }
    }

    public override StoreWriter Create(string name)
    {
        StoreNames.CheckFile(name);
        var content = new MemoryContent();
        lock (gate)
        {
            if (!files.TryAdd(name, content))
            {
                throw TidemarkException.Failed($"{Name}/{name} is there already.");
            }
        }

        return new MemoryStoreWriter(content);
    }

    public override void Rename(string from, string to)
    {
        StoreNames.CheckFile(from);
        StoreNames.CheckFile(to);
        lock (gate)
        {
            var content = Find(from);
            if (!files.TryAdd(to, content))
            {
                throw TidemarkException.Failed(
                    $"{Name}/{from} can't be renamed to {to}, since that is there already.");
            }

            files.Remove(from);
        }
    }

    public override void Delete(string name)
    {
        StoreNames.CheckFile(name);
        lock (gate)
        {
            _ = Find(name);
            files.Remove(name);
        }
    }

    public override void Flush()
    {
    }

    public override IDisposable? TryLock(out string holder)
    {
        lock (gate)
        {
            holder = locked ? "this process" : "";
            return locked ? null : new MemoryLock(this);
        }
    }

    /// <summary>The same files under another name of the folder.</summary>
    public MemoryStoreFolder Renamed(string name, string shortName) => new(name, shortName, files);

    /// <summary>The bytes of a file, changed in place by tests that damage it.</summary>
    public MemoryContent Content(string name)
    {
        lock (gate)
        {
            return Find(name);
        }
    }

    private MemoryContent Find(string file) => files.TryGetValue(file, out var content)
        ? content
        : throw TidemarkException.Damaged(
            $"{Name}/{file} is not there. Check that the store is complete and that nobody else changes it.");

    private sealed class MemoryLock : IDisposable
    {
        private readonly MemoryStoreFolder folder;
        private bool released;

        public MemoryLock(MemoryStoreFolder folder)
        {
            this.folder = folder;
            folder.locked = true;
        }

        public void Dispose()
        {
            lock (folder.gate)
            {
                if (!released)
                {
                    released = true;
                    folder.locked = false;
                }
            }
        }
    }
}
