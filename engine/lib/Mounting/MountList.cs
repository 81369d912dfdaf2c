using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>What is mounted now, as far as mounts of images go.</summary>
internal static class MountList
{
    public static bool IsMounted(string folder) => MountTable.Load().Entries.Any(entry => entry.MountPoint == folder);

    /// <summary>What is mounted on a folder and below it, in the order in which it must be unmounted.</summary>
    public static IReadOnlyList<MountEntry> At(string folder) =>
        [.. MountTable.Load().Entries.Reverse().Where(entry => entry.MountPoint == folder || entry.MountPoint.StartsWith(folder + "/", StringComparison.Ordinal))];

    /// <summary>The mounts whose device is a loop device over a file.</summary>
    public static IReadOnlyList<MountEntry> Over(string file)
    {
        var devices = LoopAttachment.DevicesOf(file).ToHashSet();
        return [.. MountTable.Load().Entries.Reverse().Where(entry => devices.Contains(entry.Source))];
    }
}
