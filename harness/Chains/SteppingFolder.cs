using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Chains;

/// <summary>A folder that tells before and after each step that changes what readers see.</summary>
internal sealed class SteppingFolder(StoreFolder folder, Action<string> step) : StoreFolder
{
    public override string Name => folder.Name;

    public override string ShortName => folder.ShortName;

    public override IReadOnlyList<StoreEntry> List() => folder.List();

    public override StoreFile OpenRead(string name) => folder.OpenRead(name);

    public override StoreWriter Create(string name)
    {
        var writer = folder.Create(name);
        step($"created {name}");
        return writer;
    }

    public override void Rename(string from, string to)
    {
        step($"renaming {from} to {to}");
        folder.Rename(from, to);
        step($"renamed {from} to {to}");
    }

    public override void Delete(string name)
    {
        step($"deleting {name}");
        folder.Delete(name);
        step($"deleted {name}");
    }

    public override void Flush()
    {
        folder.Flush();
        step("flushed");
    }

    public override IDisposable? TryLock(out string holder) => folder.TryLock(out holder);
}
