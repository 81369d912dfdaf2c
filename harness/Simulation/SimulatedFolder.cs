using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>A chain's folder as one process sees it.</summary>
internal sealed class SimulatedFolder(SimulatedProcess process, FolderContent content) : StoreFolder
{
    public override string Name => $"store/{content.Name}";

    public override string ShortName => content.Name;

    public override IReadOnlyList<StoreEntry> List()
    {
        process.Call(IoKind.List, Name);
        return [.. content.Files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new StoreEntry(f.Key, f.Value.Length))];
    }

    public override StoreFile OpenRead(string name)
    {
        StoreNames.CheckFile(name);
        process.Call(IoKind.Open, PathOf(name));
        return new SimulatedReader(process, PathOf(name), Find(name));
    }

    public override StoreWriter Create(string name)
    {
        StoreNames.CheckFile(name);
        process.Call(IoKind.Create, PathOf(name));
        RequireFree(name);
        var file = new FileContent();
        content.Create(name, file);
        return new SimulatedWriter(process, PathOf(name), new WrittenFile(process, content, file));
    }

    public override void Rename(string from, string to)
    {
        StoreNames.CheckFile(from);
        StoreNames.CheckFile(to);
        process.Call(IoKind.Rename, PathOf(from));
        _ = Find(from);
        RequireFree(to);
        content.Rename(from, to);
    }

    public override void Delete(string name)
    {
        StoreNames.CheckFile(name);
        process.Call(IoKind.Delete, PathOf(name));
        _ = Find(name);
        content.Delete(name);
    }

    public override void Flush()
    {
        if (process.Call(IoKind.FlushFolder, Name) == FaultKind.LyingFlush)
        {
            process.Disk.HasLied = true;
            return;
        }

        content.Flush();
    }

    public override IDisposable? TryLock(out string holder)
    {
        process.Call(IoKind.Lock, Name);
        holder = content.Holder is null ? "" : "another run";
        if (content.Holder is not null)
        {
            return null;
        }

        content.Holder = process;
        return new HeldLock(process, content);
    }

    private string PathOf(string name) => $"{Name}/{name}";

    private FileContent Find(string name) => content.Files.TryGetValue(name, out var file)
        ? file
        : throw TidemarkException.Damaged($"Could not open {PathOf(name)}: No such file or directory. Check that the store is complete.");

    private void RequireFree(string name)
    {
        if (content.Files.ContainsKey(name))
        {
            throw TidemarkException.Failed($"{PathOf(name)} is there already.");
        }
    }

    private sealed class HeldLock(SimulatedProcess process, FolderContent content) : IDisposable
    {
        public void Dispose()
        {
            if (content.Holder == process)
            {
                content.Holder = null;
            }
        }
    }
}
