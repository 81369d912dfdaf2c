using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// A chain's folder as one process sees it. As in a local one, what is written has a temporary name, and the engine's own
/// rule says when names are flushed.
/// </summary>
internal sealed class SimulatedFolder : StoreFolder
{
    private readonly UnflushedNames unflushed = new();
    private readonly SimulatedProcess process;
    private readonly FolderContent content;

    public SimulatedFolder(SimulatedProcess process, FolderContent content)
    {
        this.process = process;
        this.content = content;
        Locking = new LockSetup(process.Self, null, SystemLocks: true, process.Time, _ => { });
    }

    public override string Name => $"store/{content.Name}";

    public override string ShortName => content.Name;

    public override IReadOnlyList<StoreEntry> List()
    {
        process.Call(IoKind.List, Name);
        return
        [
            .. content.Files.Where(f => !TemporaryName.TryParse(f.Key, out _)).OrderBy(f => f.Key, StringComparer.Ordinal)
                .Select(f => new StoreEntry(f.Key, f.Value.Length)),
        ];
    }

    public override IReadOnlyList<string> ListUnfinished()
    {
        process.Call(IoKind.List, Name);
        return [.. Temporaries().Select(t => TemporaryName.TryParse(t, out var name) ? name : "")];
    }

    public override int RemoveUnfinished()
    {
        process.Call(IoKind.List, Name);
        var found = Temporaries();
        found.ForEach(Delete);
        return found.Count;
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
        var temporary = content.NewTemporary(name);
        content.Create(temporary, file);
        unflushed.Begin(temporary);
        return new SimulatedWriter(process, this, temporary, name, new WrittenFile(process, content, file));
    }

    /// <summary>Gives a file its name, as the engine's local folders do.</summary>
    public void Publish(string temporary, string name, bool withNext)
    {
        RequireLock();
        if (!withNext && unflushed.HasOthers(temporary))
        {
            Flush();
        }

        process.Call(IoKind.Rename, PathOf(temporary));
        _ = Find(temporary);
        RequireFree(name);
        content.Rename(temporary, name);
        unflushed.Name(temporary, name);
        if (!withNext)
        {
            try
            {
                Flush();
            }
            catch (TidemarkException e)
            {
                throw TidemarkException.AfterCommit($"{PathOf(name)} has its name, but a power failure may take it yet", e);
            }
        }
    }

    public void Discard(string temporary)
    {
        try
        {
            Delete(temporary);
            unflushed.Remove(temporary);
        }
        catch (TidemarkException)
        {
            return;
        }
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
            unflushed.Flush();
            return;
        }

        content.Flush();
        unflushed.Flush();
    }

    public override StoreRegister Owner => new SimulatedRegister(process, content);

    /// <summary>Gives the folder to a process, as the lock of a local one does that ends with its holder.</summary>
    protected override bool TryLockSystem(out IDisposable? taken, out bool works, out string holder)
    {
        process.Call(IoKind.Lock, Name);
        taken = null;
        works = true;
        holder = content.Holder is null ? "" : "another run";
        if (content.Holder is not null)
        {
            return false;
        }

        content.Holder = process;
        taken = new HeldLock(process, content);
        return true;
    }

    protected override bool IsShared() => false;

    private List<string> Temporaries() =>
        [.. content.Files.Keys.Where(f => TemporaryName.TryParse(f, out _)).Order(StringComparer.Ordinal)];

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
