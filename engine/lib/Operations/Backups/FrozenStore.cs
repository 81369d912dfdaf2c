using System.Diagnostics;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>
/// A store on the very volume that is held still: a write to it would wait for the end of the hold, which waits for the
/// run. A thread that waits so can't be ended, so whether the volume takes a change is tried by another process.
/// </summary>
internal static class FrozenStore
{
    /// <summary>
    /// What changes nothing but a folder's time of access, and waits as every change does where the volume is frozen.
    /// </summary>
    private static readonly SystemProgram Touch = new("touch", "coreutils");

    /// <summary>Far longer than a change of one inode takes on a volume that works, however busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="request">A backup whose store lies on its source.</param>
    /// <exception cref="TidemarkException">The store's volume is held still.</exception>
    public static void Refuse(BackupRequest request)
    {
        if (request.Snapshot == SnapshotMode.Held || IsFrozen(Nearest(request.Store.LocalPath!)))
        {
            throw TidemarkException.WrongUse(
                $"The store {request.Store} lies on {request.Source} itself, which is held still: nothing can be written there until it is "
                + "released. Release it (fsfreeze -u), and back up to another disk.");
        }
    }

    private static bool IsFrozen(string folder)
    {
        if (!OperatingSystem.IsLinux() || !Touch.Exists)
        {
            return false;
        }

        using var touch = Touch.Start(["-a", "-c", "--", folder]);
        var clock = Stopwatch.StartNew();
        while (!touch.WaitForExit(TimeSpan.FromMilliseconds(20)))
        {
            if (clock.Elapsed > Patience)
            {
                // It ends when the volume is released.
                touch.Kill();
                return true;
            }
        }

        return false;
    }

    private static string Nearest(string path)
    {
        var full = Path.GetFullPath(path);
        while (!Directory.Exists(full) && Path.GetDirectoryName(full) is { } parent)
        {
            full = parent;
        }

        return full;
    }
}
