namespace Tidemark.Engine.Stores;

/// <summary>A folder of a <see cref="MemoryStore"/>.</summary>
internal sealed class MemoryStoreFolder : StoreFolder
{
    private readonly Objects objects;
    private readonly string name;
    private readonly string shortName;

    public MemoryStoreFolder(string name, string shortName)
        : this(name, shortName, new Objects())
    {
    }

    private MemoryStoreFolder(string name, string shortName, Objects objects)
    {
        this.name = name;
        this.shortName = shortName;
        this.objects = objects;
    }

    public override string Name => name;

    public override string ShortName => shortName;

    public override IReadOnlyList<StoreEntry> List()
    {
        lock (objects)
        {
            return [.. objects.Complete.Select(file => new StoreEntry(file.Key, file.Value.Length))];
        }
    }

    public override IReadOnlyList<string> ListUnfinished()
    {
        lock (objects)
        {
            return [.. objects.Unfinished.Values];
        }
    }

    public override int RemoveUnfinished()
    {
        lock (objects)
        {
            var count = objects.Unfinished.Count;
            objects.Unfinished.Clear();
            return count;
        }
    }

    public override StoreFile OpenRead(string name)
    {
        StoreNames.CheckFile(name);
        lock (objects)
        {
            return new MemoryStoreFile($"{Name}/{name}", Find(name));
        }
    }

    public override StoreWriter Create(string name)
    {
        StoreNames.CheckFile(name);
        lock (objects)
        {
            RequireFree(name);
            var writer = new MemoryStoreWriter(this, name);
            objects.Unfinished.Add(writer, name);
            return writer;
        }
    }

    /// <summary>Gives what a writer wrote its name.</summary>
    internal void Complete(MemoryStoreWriter writer, string name, MemoryContent content)
    {
        RequireLock();
        lock (objects)
        {
            if (!objects.Unfinished.ContainsKey(writer))
            {
                throw TidemarkException.Failed($"{Name}/{name} was removed while it was written. See what else writes there, and run again.");
            }

            RequireFree(name);
            objects.Unfinished.Remove(writer);
            objects.Complete.Add(name, content);
        }
    }

    internal void GiveUp(MemoryStoreWriter writer)
    {
        lock (objects)
        {
            objects.Unfinished.Remove(writer);
        }
    }

    public override void Delete(string name)
    {
        StoreNames.CheckFile(name);
        lock (objects)
        {
            _ = Find(name);
            objects.Complete.Remove(name);
        }
    }

    public override void Flush()
    {
    }

    public override StoreRegister Owner => objects.Owner;

    /// <summary>The same objects under another name of the folder.</summary>
    public MemoryStoreFolder Renamed(string name, string shortName) => new(name, shortName, objects);

    /// <summary>Gives an object another name, as an administrator might.</summary>
    public void Rename(string from, string to)
    {
        StoreNames.CheckFile(to);
        lock (objects)
        {
            var content = Find(from);
            RequireFree(to);
            objects.Complete.Remove(from);
            objects.Complete.Add(to, content);
        }
    }

    /// <summary>The bytes of an object, changed in place by tests that damage it.</summary>
    public MemoryContent Content(string name)
    {
        lock (objects)
        {
            return Find(name);
        }
    }

    private MemoryContent Find(string file) => objects.Complete.TryGetValue(file, out var content)
        ? content
        : throw TidemarkException.Damaged(
            $"{Name}/{file} is not there. Check that the store is complete and that nobody else changes it.");

    private void RequireFree(string file)
    {
        if (objects.Complete.ContainsKey(file))
        {
            throw TidemarkException.Failed($"{Name}/{file} is there already.");
        }
    }

    /// <summary>What the folder holds, whatever it is called.</summary>
    private sealed class Objects
    {
        public Dictionary<string, MemoryContent> Complete { get; } = [];

        public Dictionary<MemoryStoreWriter, string> Unfinished { get; } = [];

        public MemoryRegister Owner { get; } = new();
    }
}
