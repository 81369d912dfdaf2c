using Tidemark.Engine.Progress;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>
/// A disk that isn't mounted has its folder all the same, and what is written there lands on the disk below without a word.
/// </summary>
internal static class MissingDisk
{
    /// <summary>Warns of a store whose disk isn't mounted.</summary>
    public static void Warn(StoreLocation store, IRunObserver observer) => Warn(store.LocalPath, "the store", observer);

    /// <param name="path">Where something is written, or read from; null for what isn't on this system.</param>
    /// <param name="what">What it is in the middle of a sentence: "the store", "the file".</param>
    /// <param name="observer">Is told.</param>
    public static void Warn(string? path, string what, IRunObserver observer)
    {
        if (path is not null && VolumeTable.Load().MissingMountOf(path) is { } place)
        {
            observer.Warn(
                $"Nothing is mounted at {place}, where /etc/fstab says that a disk belongs: {path} lies on the disk below now. "
                + $"If {what} is on the other one, interrupt this run, mount that, and run again.");
        }
    }
}
