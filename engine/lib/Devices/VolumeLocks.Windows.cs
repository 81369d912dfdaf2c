using System.Globalization;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Devices;

/// <summary>
/// The volumes that a restore takes away from everyone else: locked and dismounted, as long as their handles are open.
/// </summary>
internal sealed class VolumeLocks : IDisposable
{
    /// <summary>Indexers and virus scanners have files open for moments, so a lock is asked for so many times.</summary>
    private const int Attempts = 10;

    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(500);

    private readonly List<SafeFileHandle> volumes = [];

    /// <summary>Locks and dismounts every volume that lies on a disk, whole or in part.</summary>
    public static VolumeLocks OfDisk(int disk, string path)
    {
        var locks = new VolumeLocks();
        try
        {
            foreach (var name in WindowsVolumes.List().Where(name => WindowsVolumes.ExtentsOf(name).Any(extent => extent.DiskNumber == disk)))
            {
                var volume = WindowsFileCalls.Open(
                    name,
                    GENERIC_READ | GENERIC_WRITE,
                    OPEN.OPEN_EXISTING,
                    FILE.FILE_FLAG_OVERLAPPED,
                    out var error,
                    FILE.FILE_SHARE_READ | FILE.FILE_SHARE_WRITE);
                locks.volumes.Add(volume);
                if (error != 0)
                {
                    throw Refused(path, $"its volume {name}", error);
                }

                Take(volume, path, $"its volume {name}");
            }

            return locks;
        }
        catch
        {
            locks.Dispose();
            throw;
        }
    }

    /// <summary>Locks and dismounts the volume of a handle, for as long as that is open.</summary>
    /// <param name="volume">Open for writing.</param>
    /// <param name="path">The target, as the user gave it.</param>
    /// <param name="what">What is locked, in a message.</param>
    public static void Take(SafeFileHandle volume, string path, string what)
    {
        var error = WindowsFileCalls.Control(volume, FSCTL.FSCTL_LOCK_VOLUME);
        for (var attempt = 1; error != 0 && !IsNoVolume(error) && attempt < Attempts; attempt++)
        {
            Thread.Sleep(pause);
            error = WindowsFileCalls.Control(volume, FSCTL.FSCTL_LOCK_VOLUME);
        }

        if (error != 0 && !IsNoVolume(error))
        {
            throw Refused(path, what, error);
        }

        // What the file system still holds in memory must never come back over what is restored.
        error = WindowsFileCalls.Control(volume, FSCTL.FSCTL_DISMOUNT_VOLUME);
        if (error != 0 && !IsNoVolume(error))
        {
            throw TidemarkException.Failed(
                $"{path} can't be restored to: {what} could be locked but not dismounted: {WindowsFileCalls.Reason(error)}. " +
                "Look into the system's log, and run again.");
        }
    }

    public void Dispose()
    {
        foreach (var volume in volumes)
        {
            volume.Dispose();
        }
    }

    // A device that no file system answers for has nothing to lock: it isn't mounted.
    private static bool IsNoVolume(int error) =>
        WindowsFileCalls.IsMissing(error) || error == ERROR.ERROR_UNRECOGNIZED_VOLUME;

    private static TidemarkException Refused(string path, string what, int error) => TidemarkException.Failed(string.Create(
        CultureInfo.InvariantCulture,
        $"{path} is in use: {what} can't be locked ({WindowsFileCalls.Reason(error)}). Close every program that has something " +
        $"open on it, windows of the Explorer too, and run again as administrator."));
}
