using System.Runtime.InteropServices;
using Microsoft.Win32;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Devices;

/// <summary>The volumes of this machine, and where on which disks they lie.</summary>
internal static unsafe class WindowsVolumes
{
    /// <summary>Longest path without the <c>\\?\</c> form and longest name of a device, in characters.</summary>
    private const int MaxName = 1024;

    /// <summary>More than a spanned or striped volume has: Windows takes 32 disks.</summary>
    private const int MaxExtents = 256;

    /// <summary>Where Windows keeps which volume it was started from: <c>\Device\HarddiskVolume1</c>.</summary>
    private const string SetupKey = @"SYSTEM\Setup";

    /// <summary>The names of all volumes, as CreateFileW takes them: <c>\\?\Volume{…}</c> without a backslash behind.</summary>
    /// <exception cref="TidemarkException">The system doesn't tell; a disk's volumes can't be locked without that.</exception>
    public static List<string> List()
    {
        var names = new List<string>();
        var buffer = stackalloc char[MaxName];
        var search = FindFirstVolumeW(buffer, MaxName);
        if (search == HANDLE.INVALID_VALUE)
        {
            var error = Marshal.GetLastSystemError();
            return error == ERROR.ERROR_NO_MORE_FILES ? names : throw TidemarkException.Failed(
                $"The volumes can't be told: {WindowsFileCalls.Reason(error)}. Run as administrator.");
        }

        do
        {
            names.Add(new string(buffer).TrimEnd('\\'));
        }
        while (FindNextVolumeW(search, buffer, MaxName));
        _ = FindVolumeClose(search);
        return names;
    }

    /// <summary>Where a volume lies; empty for what is no volume on disks (a disk, a CD, a share).</summary>
    /// <param name="name">The volume's name as CreateFileW takes it.</param>
    public static DriveExtent[] ExtentsOf(string name)
    {
        // No access right is needed to ask.
        using var volume = WindowsFileCalls.Open(name, 0, OPEN.OPEN_EXISTING, FILE.FILE_FLAG_OVERLAPPED, out var error);
        return error == 0 ? ExtentsOf(volume) : [];
    }

    public static DriveExtent[] ExtentsOf(SafeFileHandle volume)
    {
        var size = sizeof(VOLUME_DISK_EXTENTS) + (sizeof(DISK_EXTENT) * MaxExtents);
        var answer = (VOLUME_DISK_EXTENTS*)NativeMemory.AllocZeroed((nuint)size);
        try
        {
            if (WindowsFileCalls.Control(
                volume, IOCTL.IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS, null, 0, answer, size, out _) != 0)
            {
                return [];
            }

            var extents = new DriveExtent[Math.Min(answer->NumberOfDiskExtents, MaxExtents)];
            for (var i = 0; i < extents.Length; i++)
            {
                ref var extent = ref answer->Extents[i];
                extents[i] = new DriveExtent((int)extent.DiskNumber, extent.StartingOffset.QuadPart, extent.ExtentLength.QuadPart);
            }

            return extents;
        }
        finally
        {
            NativeMemory.Free(answer);
        }
    }

    /// <summary>The volume that a file or folder lies on, as CreateFileW takes it; null for a share.</summary>
    public static string? OfFile(string path)
    {
        var root = stackalloc char[MaxName];
        fixed (char* start = WindowsPath.OfFile(path))
        {
            if (!GetVolumePathNameW(start, root, MaxName))
            {
                return null;
            }
        }

        var point = new string(root);
        return NameOfMountPoint(point) ?? (WindowsPath.TryDevice(point, out var device) ? device : null);
    }

    /// <summary>The name that a volume keeps, whatever letter it has now; the name itself where there is no other.</summary>
    /// <param name="device">The name as CreateFileW takes it.</param>
    public static string LastingName(string device) =>
        device.EndsWith(':') ? NameOfMountPoint(device + '\\') ?? device : device;

    /// <summary>The volumes that this Windows runs from and was started from, as CreateFileW takes them.</summary>
    public static List<string> OfSystem()
    {
        var volumes = new List<string>();
        var buffer = stackalloc char[MaxName];
        var length = GetSystemWindowsDirectoryW(buffer, MaxName);
        if (length is > 0 and < MaxName && OfFile(new string(buffer, 0, (int)length)) is { } own)
        {
            volumes.Add(own);
        }

        if (OperatingSystem.IsWindows())
        {
            using var key = Registry.LocalMachine.OpenSubKey(SetupKey);
            if (key?.GetValue("SystemPartition") is string { Length: > 0 } started)
            {
                volumes.Add(@"\\?\GLOBALROOT" + started);
            }
        }

        return volumes;
    }

    // Takes a letter (C:\) or a folder, and both without the form that has any length.
    private static string? NameOfMountPoint(string point)
    {
        const string verbatim = @"\\?\";
        const string devices = @"\\.\";
        var plain = point.StartsWith(verbatim, StringComparison.Ordinal) || point.StartsWith(devices, StringComparison.Ordinal)
            ? point[verbatim.Length..]
            : point;
        var buffer = stackalloc char[MaxName];
        fixed (char* start = plain.StartsWith("Volume{", StringComparison.OrdinalIgnoreCase) ? point : plain)
        {
            return GetVolumeNameForVolumeMountPointW(start, buffer, MaxName) ? new string(buffer).TrimEnd('\\') : null;
        }
    }

    /// <summary>
    /// The kernel's own name of a device or volume (<c>\Device\HarddiskVolume3</c>), by which two names of one are seen to
    /// be equal; the name itself where there is no other.
    /// </summary>
    /// <param name="device">The name as CreateFileW takes it.</param>
    public static string NativeName(string device)
    {
        const string root = @"\\?\GLOBALROOT";
        if (device.StartsWith(root, StringComparison.OrdinalIgnoreCase))
        {
            return device[root.Length..];
        }

        var buffer = stackalloc char[MaxName];
        var name = device.Length > 4 && device[..2] == @"\\" ? device[4..] : device;
        fixed (char* start = name)
        {
            return QueryDosDeviceW(start, buffer, MaxName) > 0 ? new string(buffer) : device;
        }
    }
}
