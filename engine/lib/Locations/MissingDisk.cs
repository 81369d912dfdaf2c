using Tidemark.Engine.Progress;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>
/// A disk that isn't mounted has its folder all the same, and what is written there lands on the disk below without a word.
/// </summary>
internal static class MissingDisk
{
    /// <param name="path">Where something is written, or read from: a store, or a file.</param>
    /// <param name="what">What it is, at a sentence's beginning or in its middle: "The store", "the file".</param>
    /// <param name="observer">Is told.</param>
    public static void Warn(string path, string what, IRunObserver observer)
    {
        if (VolumeTable.Load().MissingMountOf(path) is { } place)
        {
            observer.Warn(
                $"Nothing is mounted at {place}, where /etc/fstab says that a disk belongs: {path} lies on the disk below now. "
                + $"If {what} is on the other one, interrupt this run, mount that, and run again.");
        }
    }
}
