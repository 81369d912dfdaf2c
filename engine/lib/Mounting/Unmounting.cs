using System.Diagnostics;
using System.Text;
using Tidemark.Engine.Programs;

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
                    TidemarkError.Busy, $"{entry.MountPoint} is in use ({complaint}). Leave it and try again.", advice: Advice.TakeAway);
            }
        }

        LoopAttachment.DetachAll(record.ImagePath);
        if (MountList.IsMounted(record.ImagePath) && ImageFile.TryUnmount(record.ImagePath, force) is { } problem)
        {
            throw new TidemarkException(
                TidemarkError.Busy, $"{record.ImagePath} is in use ({problem}). Close it and try again.", advice: Advice.TakeAway);
        }

        // The process that holds the mount sees that, and cleans up; one that died leaves that to us.
        var clock = Stopwatch.StartNew();
        while (record.IsAlive && clock.Elapsed < EndPatience)
        {
            Thread.Sleep(20);
        }

        record.Forget();
        if (record.Folder.Length > 0)
        {
            MountSession.Clear(record.Folder);
        }
    }

    /// <summary>Takes down what runs that died have left; what can't be taken down yet waits for the next time.</summary>
    public static void Sweep()
    {
        foreach (var record in MountRecord.All().Where(record => !record.IsAlive))
        {
            try
            {
                EndHelpers(record.Runtime);
                TakeDown(record, force: true);
            }
            catch (TidemarkException)
            {
                // Somebody holds it, or a program that takes it down isn't here. This run has a folder of its own.
            }
        }
    }

    // A driver that went into the background outlives who started it; its arguments say what it was for.
    private static void EndHelpers(string runtime)
    {
        var folder = Encoding.UTF8.GetBytes(runtime + "/");
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    if (process.Id != Environment.ProcessId && File.ReadAllBytes($"/proc/{process.Id}/cmdline").AsSpan().IndexOf(folder) >= 0)
                    {
                        process.Kill();
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It has ended, or is another user's.
                }
            }
        }
    }
}
