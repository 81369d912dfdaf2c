namespace Tidemark.Engine.Stores.Layers;

/// <summary>A folder in front of another, which does all that a layer leaves to it.</summary>
internal abstract class LayeredFolder(StoreFolder folder) : StoreFolder
{
    public override string Name => folder.Name;

    public override string ShortName => folder.ShortName;

    public override StoreTraits Traits => folder.Traits;

    public override IReadOnlyList<string> Notes => folder.Notes;

    /// <summary>The folder behind.</summary>
    protected StoreFolder Behind => folder;

    public override IReadOnlyList<StoreEntry> List() => folder.List();

    public override IReadOnlyList<string> ListUnfinished() => folder.ListUnfinished();

    public override int RemoveUnfinished() => folder.RemoveUnfinished();

    public override StoreFile OpenRead(string name) => folder.OpenRead(name);

    public override StoreWriter Create(string name) => folder.Create(name);

    public override void Delete(string name) => folder.Delete(name);

    public override void Flush() => folder.Flush();

    public override StoreRegister Owner => folder.Owner;

    public override IDisposable? TryLock(out string holder) => folder.TryLock(out holder);

    public override string? BreakLock(TimeSpan watch, Action<TimeSpan> wait) => folder.BreakLock(watch, wait);

    public override void RemoveIfUnused() => folder.RemoveIfUnused();

    public override void RequireLock() => folder.RequireLock();
}
