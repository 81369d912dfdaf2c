using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>Says of a source that it may change while it is read.</summary>
internal static class LiveSource
{
    /// <param name="source">As the user named it.</param>
    /// <param name="isHeld">Whether something holds it still.</param>
    public static void Warn(string source, bool isHeld, IRunObserver observer)
    {
        // Where the system has snapshots, HeldSources has said already what isn't held.
        if (isHeld || OperatingSystem.IsWindows() || NbdAddress.IsMeant(source))
        {
            return;
        }

        const string Torn = "what changes while it is read may not fit together";
        var usage = VolumeTable.Load().UsageOf(source);
        if (usage.IsMountedReadWrite)
        {
            var where = usage.Mounts.First(m => !m.IsReadOnly).MountPoint;
            observer.Warn(
                $"{source} is mounted read-write at {where} and nothing holds it still: {Torn}. Image a snapshot of it, remount it read-only, "
                + "or freeze it meanwhile (tidemark-frozen does).");
            return;
        }

        if (usage.Holders.Where(IsWritableLoop).ToArray() is { Length: > 0 } loops)
        {
            observer.Warn(
                $"{source} stands behind {string.Join(", ", loops.Select(name => $"/dev/{name}"))}, and somebody may write to that: {Torn}. Detach it "
                + "first (losetup -d), or image the loop device itself once nobody uses it.");
        }

        if (FileLocks.WriterOf(source) is { } writer)
        {
            observer.Warn(
                $"{source} is in use: {writer} holds it by a lock that says it writes to it, so that {Torn}. Shut the machine down first, or image "
                + "a snapshot.");
        }
    }

    /// <summary>
    /// Why a source may change while it is read, in words that follow "since"; null where it is held, or nobody is known to write to it.
    /// </summary>
    public static string? Why(string source, bool isHeld)
    {
        if (isHeld)
        {
            return null;
        }

        if (NbdAddress.IsMeant(source))
        {
            return "nothing tells whether somebody writes to what the server gives";
        }

        if (OperatingSystem.IsWindows())
        {
            return RawDevice.IsDevicePath(source) ? "nothing holds it still" : null;
        }

        var usage = VolumeTable.Load().UsageOf(source);
        return usage.IsMountedReadWrite ? "it is mounted read-write and nothing holds it still"
            : usage.Holders.Any(IsWritableLoop) ? "a loop device stands on it that somebody may write to"
            : FileLocks.WriterOf(source) is { } writer ? $"{writer} writes to it"
            : null;
    }

    private static bool IsWritableLoop(string name) =>
        name.StartsWith("loop", StringComparison.Ordinal) && SysfsBlock.TryOf(name) is { IsReadOnly: false };
}
