namespace Tidemark.Engine.Stores.Layers;

/// <summary>What stands in front of a store's folder where its chain is read, by what the store says of itself.</summary>
internal static class StoreLayers
{
    /// <summary>
    /// Retries below, so that read-ahead has them too. The folder itself where its store asks for nothing; what is returned
    /// instead of it is disposed when all its objects are.
    /// </summary>
    /// <param name="own">What has to be disposed; null for nothing.</param>
    public static StoreFolder InFrontOf(StoreFolder folder, out IDisposable? own)
    {
        own = null;
        if (folder is ReadAheadFolder or RetryingFolder)
        {
            return folder;
        }

        var traits = folder.Traits;
        if (traits.Attempts > 1)
        {
            folder = new RetryingFolder(folder, new RetryPolicy(traits.Attempts));
        }

        if (traits.RequestBytes == 0)
        {
            return folder;
        }

        var ahead = new ReadAheadFolder(folder);
        own = ahead;
        return ahead;
    }
}
