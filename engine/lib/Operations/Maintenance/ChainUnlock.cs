using Tidemark.Engine.Locations;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Operations.Maintenance;

/// <summary>The lock that keeps a chain to one writer, where it stands in the way.</summary>
public static class ChainUnlock
{
    /// <summary>
    /// How long the holder is watched for a sign of life, of which a run gives one every ten seconds: one that is late
    /// isn't taken for dead.
    /// </summary>
    public static readonly TimeSpan Watch = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Removes the lock of a run on another machine that is over. Its holder, should it go on after all, notices before it
    /// commits.
    /// </summary>
    /// <param name="chain">Where the chain is.</param>
    /// <param name="force">Doesn't watch for signs of life first.</param>
    /// <param name="cancellation">Ends the watch; nothing is removed then.</param>
    /// <returns>Whose lock it was; null where there was none.</returns>
    /// <exception cref="TidemarkException">The run that holds it is alive, or the folder can't be written to.</exception>
    public static string? Remove(StoreLocation chain, bool force, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return chain.OpenFolder() is LocalStoreFolder folder
            ? folder.BreakLock(force ? TimeSpan.Zero : Watch, Wait)
            : throw TidemarkException.WrongUse($"{chain} is locked by nothing that could be removed from here.");

        void Wait(TimeSpan time)
        {
            cancellation.WaitHandle.WaitOne(time);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
