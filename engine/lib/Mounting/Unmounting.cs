using System.Diagnostics;

namespace Tidemark.Engine.Mounting;

/// <summary>
/// Takes a mounted image down from outside, by the kernel's tables, whether what served it lives or died.
/// </summary>
internal static class Unmounting
{
    /// <summary>The process behind a mount has no more to do than to close files.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    /// <param name="record">The mount.</param>
    /// <param name="force">Whether to take it from who still uses it.</param>
    /// <exception cref="TidemarkException">Somebody uses it.</exception>
    public static void TakeDown(MountRecord record, bool force)
    {
        foreach (var entry in MountList.Over(record.ImagePath))
        {
            if (MountedVolume.TryUnmount(entry.MountPoint, force) is { } complaint)
            {
                throw new TidemarkException(
                    TidemarkError.Busy, $"{entry.MountPoint} is in use ({complaint}). Leave it and try again, or take it away with --force.");
            }
        }

        LoopAttachment.DetachAll(record.ImagePath);
        if (MountList.IsMounted(record.ImagePath) && ImageFile.TryUnmount(record.ImagePath, force) is { } problem)
        {
            throw new TidemarkException(
                TidemarkError.Busy, $"{record.ImagePath} is in use ({problem}). Close it and try again, or take it away with --force.");
        }

        // The process that holds the mount sees that, and cleans up; one that died leaves that to us.
        var clock = Stopwatch.StartNew();
        while (record.IsAlive && clock.Elapsed < EndPatience)
        {
            Thread.Sleep(20);
        }

        record.Forget();
        MountSession.Clear(record.Folder);
    }
}
