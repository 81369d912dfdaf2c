using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Engine.Stores;

/// <summary>A store in a local folder: every folder directly in it is one of the store's.</summary>
internal sealed class FolderStore : Store
{
    private readonly string path;

    private FolderStore(string path) => this.path = path;

    public override string Name => path;

    /// <summary>Opens the store at a path; with <paramref name="create"/> the folder is made if it isn't there.</summary>
    /// <exception cref="TidemarkException">The path isn't a folder, or can't be made one.</exception>
    public static FolderStore Open(string path, bool create = false)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (create && !Path.Exists(full))
        {
            RequireParent(full);
            var made = LocalStoreFolder.At(Path.GetDirectoryName(full) ?? full);
            made.MakeFolder(Path.GetFileName(full));
        }

        _ = LocalStoreFolder.Open(full);
        return new FolderStore(full);
    }

    /// <summary>The store at a path, which may be made yet, without changing anything there.</summary>
    /// <exception cref="TidemarkException">The path isn't a folder, or can't be made one.</exception>
    public static TrialStore OpenTrial(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(full))
        {
            RequireParent(full);
            return new TrialStore(null, full);
        }

        return new TrialStore(Open(full), full);
    }

    public override IReadOnlyList<string> ListFolders() => LocalStoreFolder.At(path).ListFolders();

    public override StoreFolder OpenFolder(string name)
    {
        StoreNames.Check(name);
        var folder = LocalStoreFolder.At(path);
        folder.RequireFolder(name);
        return LocalStoreFolder.At(Path.Combine(path, name));
    }

    public override StoreFolder CreateFolder(string name)
    {
        StoreNames.Check(name);
        LocalStoreFolder.At(path).MakeFolder(name);
        return LocalStoreFolder.At(Path.Combine(path, name));
    }

    private static void RequireParent(string full)
    {
        if (Path.GetDirectoryName(full) is { } parent && !Directory.Exists(parent))
        {
            throw TidemarkException.WrongUse(
                $"{full} can't be made, since {parent} is not there. Check the path, or make that folder first.");
        }
    }
}
