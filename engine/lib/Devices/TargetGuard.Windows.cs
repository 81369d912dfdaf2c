using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>What must never be restored to: the disks that this Windows runs from, and those that hold the chain.</summary>
internal static class TargetGuard
{
    /// <exception cref="TidemarkException">The device is, or holds, a volume of the running system.</exception>
    public static void RequireNotSystem(string path, string device)
    {
        if (WindowsVolumes.OfSystem().Any(volume => Touches(device, volume)))
        {
            throw TidemarkException.WrongUse(
                $"{path} is what this Windows runs from: restoring there would destroy the running system. " +
                "Start the machine from another medium to restore it.");
        }
    }

    /// <exception cref="TidemarkException">A file or folder lies on the device.</exception>
    public static void RequireNotUnder(string path, string device, string chainPath)
    {
        if (WindowsVolumes.OfFile(chainPath) is { } volume && Touches(device, volume))
        {
            throw TidemarkException.WrongUse($"The chain {chainPath} lies on {path} itself; restoring there would destroy it.");
        }
    }

    // A volume touches another where they share sectors, a disk where the volume has any on it.
    private static bool Touches(string device, string volume)
    {
        if (IsSame(WindowsVolumes.LastingName(device), WindowsVolumes.LastingName(volume))
            || IsSame(WindowsVolumes.NativeName(device), WindowsVolumes.NativeName(volume)))
        {
            return true;
        }

        var used = WindowsVolumes.ExtentsOf(volume);
        if (TryDisk(device, out var disk))
        {
            return used.Any(extent => extent.DiskNumber == disk);
        }

        var wanted = WindowsVolumes.ExtentsOf(device);
        return wanted.Any(extent => used.Any(extent.Overlaps));
    }

    // The prefixes of one name are \\.\ and \\?\.
    private static bool IsSame(string one, string other) => string.Equals(
        one.Replace(@"\\.\", @"\\?\", StringComparison.Ordinal),
        other.Replace(@"\\.\", @"\\?\", StringComparison.Ordinal),
        StringComparison.OrdinalIgnoreCase);

    /// <summary>The number of a whole disk; false for a volume, even one that covers a disk without partitions.</summary>
    public static bool TryDisk(string device, out int disk)
    {
        disk = 0;
        using var handle = WindowsFileCalls.Open(device, 0, OPEN.OPEN_EXISTING, FILE.FILE_FLAG_OVERLAPPED, out var error);
        if (error != 0 || !WindowsFileIdentity.TryNumber(handle, out var number) || number.DeviceType != FILE.FILE_DEVICE_DISK)
        {
            return false;
        }

        disk = (int)number.DeviceNumber;
        return WindowsPath.IsWholeDisk(device)
            || (number.PartitionNumber == 0 && WindowsVolumes.ExtentsOf(handle).Length == 0);
    }
}
