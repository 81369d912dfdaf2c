using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>The store of a disk as one process sees it.</summary>
internal sealed class SimulatedStore(SimulatedProcess process) : Store
{
    public override string Name => "store";

    public override IReadOnlyList<string> ListFolders()
    {
        process.Call(IoKind.List, Name);
        return [.. process.Disk.Folders.Keys.Order(StringComparer.Ordinal)];
    }

    public override StoreFolder OpenFolder(string name)
    {
        StoreNames.Check(name);
        process.Call(IoKind.Open, name);
        return process.Disk.Folders.TryGetValue(name, out var folder)
            ? new SimulatedFolder(process, folder)
            : throw TidemarkException.WrongUse($"There is no folder {name} in {Name}. Check the name.");
    }

    public override StoreFolder CreateFolder(string name)
    {
        StoreNames.Check(name);
        process.Call(IoKind.CreateFolder, name);
        return process.Disk.Folders.ContainsKey(name)
            ? throw TidemarkException.WrongUse($"{name} is in {Name} already. Give another name.")
            : new SimulatedFolder(process, process.Disk.AddFolder(name));
    }
}
