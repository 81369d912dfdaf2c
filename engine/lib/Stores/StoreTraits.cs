namespace Tidemark.Engine.Stores;

/// <summary>What a store says of its transfers; readers and the layers in front of it go by that.</summary>
/// <param name="Concurrency">Transfers that it likes in flight at once.</param>
/// <param name="RequestBytes">
/// Bytes that one request may as well bring, since a smaller one takes as long; 0 where small reads cost nothing to speak of,
/// as from a file that the system reads ahead and caches.
/// </param>
/// <param name="Attempts">How often a request is made whose error may pass by itself; 1 where errors don't.</param>
internal readonly record struct StoreTraits(int Concurrency, int RequestBytes, int Attempts)
{
    public static StoreTraits Local { get; } = new(1, 0, 1);
}
