namespace Tidemark.Engine.Stores;

/// <summary>Where chains live: a set of folders, one a chain. Names are single path components.</summary>
internal abstract class Store
{
    /// <summary>What messages call it.</summary>
    public abstract string Name { get; }

    /// <summary>The names of all folders, in no order.</summary>
    public abstract IReadOnlyList<string> ListFolders();

    /// <exception cref="TidemarkException">The folder isn't there or can't be opened.</exception>
    public abstract StoreFolder OpenFolder(string name);

    /// <summary>Makes a folder, durably, and opens it; an existing one is an error.</summary>
    public abstract StoreFolder CreateFolder(string name);
}
