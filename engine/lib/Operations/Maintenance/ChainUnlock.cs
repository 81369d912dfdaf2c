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
    /// <param name="chainPath">The chain's folder.</param>
    /// <param name="force">Doesn't watch for signs of life first.</param>
    /// <param name="cancellation">Ends the watch; nothing is removed then.</param>
    /// <returns>Whose lock it was; null where there was none.</returns>
    /// <exception cref="TidemarkException">The run that holds it is alive, or the folder can't be written to.</exception>
    public static string? Remove(string chainPath, bool force, CancellationToken cancellation) =>
        LocalStoreFolder.Open(chainPath).BreakLock(force ? TimeSpan.Zero : Watch, time =>
        {
            cancellation.WaitHandle.WaitOne(time);
            cancellation.ThrowIfCancellationRequested();
        });
}
