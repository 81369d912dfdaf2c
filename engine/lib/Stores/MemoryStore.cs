namespace Tidemark.Engine.Stores;

/// <summary>A store in memory, with the same rules as one on a disk.</summary>
internal sealed class MemoryStore(string name = "memory store") : Store
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, MemoryStoreFolder> folders = [];

    public override string Name => name;

    public override IReadOnlyList<string> ListFolders()
    {
        lock (gate)
        {
            return [.. folders.Keys];
        }
    }

    public override StoreFolder OpenFolder(string name)
    {
        StoreNames.Check(name);
        lock (gate)
        {
            return folders.TryGetValue(name, out var folder)
                ? folder
                : throw TidemarkException.WrongUse($"There is no folder {name} in {Name}. Check the name.");
        }
    }

    public override StoreFolder CreateFolder(string name)
    {
        StoreNames.Check(name);
        lock (gate)
        {
            if (folders.ContainsKey(name))
            {
                throw TidemarkException.WrongUse($"{name} is in {Name} already. Give another name.");
            }

            return folders[name] = new MemoryStoreFolder($"{Name}/{name}", name);
        }
    }

    /// <summary>Gives a folder another name, as an administrator might.</summary>
    public void RenameFolder(string from, string to)
    {
        StoreNames.Check(to);
        lock (gate)
        {
            if (!folders.Remove(from, out var folder))
            {
                throw TidemarkException.WrongUse($"There is no folder {from} in {Name}. Check the name.");
            }

            folders.Add(to, folder.Renamed($"{Name}/{to}", to));
        }
    }
}
