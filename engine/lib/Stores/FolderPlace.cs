namespace Tidemark.Engine.Stores;

/// <summary>A folder of this system.</summary>
internal sealed class FolderPlace(string path) : StorePlace
{
    public override bool Exists => Directory.Exists(path);

    public override string LocalPath => path;

    public override Store Open(bool create) => FolderStore.Open(path, create);

    public override Store OpenTrial() => FolderStore.OpenTrial(path);

    public override StoreFolder TryOpenFolder() => LocalStoreFolder.Open(path);
}
