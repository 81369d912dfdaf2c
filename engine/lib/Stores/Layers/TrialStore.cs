namespace Tidemark.Engine.Stores.Layers;

/// <summary>A store that is read as it is and never changed: new folders are made in thought.</summary>
/// <param name="store">Null for a store that isn't there.</param>
/// <param name="name">What messages call it.</param>
internal sealed class TrialStore(Store? store, string name) : Store
{
    public override string Name => name;

    public override IReadOnlyList<string> ListFolders() => store?.ListFolders() ?? [];

    public override StoreFolder OpenFolder(string name) => new TrialFolder(store?.OpenFolder(name), Path.Combine(Name, name));

    public override StoreFolder CreateFolder(string name)
    {
        StoreNames.Check(name);
        return new TrialFolder(null, Path.Combine(Name, name));
    }
}
