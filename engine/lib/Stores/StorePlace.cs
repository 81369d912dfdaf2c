namespace Tidemark.Engine.Stores;

/// <summary>Where a store or a chain's folder is, of one kind of stores; nothing is opened yet.</summary>
internal abstract class StorePlace
{
    /// <summary>Whether a store or a chain's folder can be there: something is, and it is no file.</summary>
    public abstract bool Exists { get; }

    /// <summary>The folder of this system that it is; null where it lies elsewhere.</summary>
    public abstract string? LocalPath { get; }

    /// <summary>Opens it as a store.</summary>
    /// <param name="create">Whether it is made where it isn't there.</param>
    /// <exception cref="TidemarkException">It isn't there, or can't be opened or made.</exception>
    public abstract Store Open(bool create);

    /// <summary>Opens it as a store of which nothing is changed and that need not be there yet.</summary>
    /// <exception cref="TidemarkException">It can't be opened, or couldn't be made.</exception>
    public abstract Store OpenTrial();

    /// <summary>Opens it as the folder of a chain; null where nothing but a store can be.</summary>
    /// <exception cref="TidemarkException">It isn't there, or can't be opened.</exception>
    public abstract StoreFolder? TryOpenFolder();
}
