using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Volumes;

internal sealed unsafe partial class DriveTable
{
    /// <summary>Characters of a label or a file system's name with its end (MAX_PATH + 1).</summary>
    private const int TextLength = 261;

    /// <summary>Characters of a list of names: beyond any path, and of a machine with thousands of devices.</summary>
    private const int MaxListLength = 1 << 20;

    private const uint ReadOnlyVolume = 0x00080000;

    private const string MemoryKey = @"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management";

    /// <summary>Asks the system.</summary>
    [SupportedOSPlatform("windows")]
    public static new DriveTable Load()
    {
        var pageFiles = PageFiles().Select(VolumeUnder).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var volumes = WindowsVolumes.List().Select(name => Ask(name + '\\'))
            .Select(volume => volume with { HasPageFile = pageFiles.Contains(volume.Name) }).ToArray();
        return new DriveTable(volumes, [.. DiskNumbers().Select(AskDisk)], VolumeUnder);
    }

    /// <summary>The name of the volume on which a path lies or would lie; null for networks and the unknown.</summary>
    private static string? VolumeUnder(string path) => WindowsVolumes.OfFile(path) is { } name ? name + '\\' : null;

    private static DriveVolume Ask(string name)
    {
        using var handle = DeviceQuery.Open(name[..^1]);
        var label = stackalloc char[TextLength];
        var fileSystem = stackalloc char[TextLength];
        fixed (char* root = name)
        {
            uint flags;
            var known = GetVolumeInformationW(root, label, TextLength, null, null, &flags, fileSystem, TextLength);
            var type = GetDriveTypeW(root);
            return new DriveVolume(name, PointsOf(name), WindowsVolumes.ExtentsOf(handle), known ? DiskText.Clean(new string(fileSystem)) : null)
            {
                Label = known ? DiskText.Clean(new string(label)) : null,
                IsReadOnly = known && (flags & ReadOnlyVolume) != 0,
                IsRemovable = type == DRIVE_REMOVABLE,
                IsOptical = type == DRIVE_CDROM,
            };
        }
    }

    private static DriveDisk AskDisk(int number)
    {
        using var handle = DeviceQuery.Open(string.Create(CultureInfo.InvariantCulture, $"{WindowsPlace.DiskPrefix}{number}"));
        var (model, serial, removable) = DeviceQuery.Describe(handle);
        return new DriveDisk(number, 0) { Model = model, Serial = serial, IsRemovable = removable };
    }

    private static string[] PointsOf(string volume)
    {
        fixed (char* name = volume)
        {
            for (var length = TextLength; length <= MaxListLength; length *= 4)
            {
                var buffer = new char[length];
                uint needed;
                fixed (char* list = buffer)
                {
                    if (GetVolumePathNamesForVolumeNameW(name, list, (uint)length, &needed))
                    {
                        return [.. Split(buffer).OrderBy(point => point.Length).ThenBy(point => point, StringComparer.OrdinalIgnoreCase)];
                    }
                }

                if (Marshal.GetLastSystemError() != ERROR.ERROR_MORE_DATA)
                {
                    break;
                }
            }
        }

        return [];
    }

    /// <summary>The numbers of the disks that have a device: they need not follow each other.</summary>
    private static IEnumerable<int> DiskNumbers() => DosDevices(null)
        .Select(name => WindowsPlace.Parse(@"\\.\" + name)).Where(path => path.Kind == WindowsPlaceKind.Disk)
        .Select(path => path.DiskNumber).Distinct().Order();

    private static string[] DosDevices(string? device)
    {
        fixed (char* name = device)
        {
            for (var length = 1 << 14; length <= MaxListLength; length *= 4)
            {
                var buffer = new char[length];
                fixed (char* list = buffer)
                {
                    if (QueryDosDeviceW(name, list, (uint)length) != 0)
                    {
                        return Split(buffer);
                    }
                }

                if (Marshal.GetLastSystemError() != ERROR.ERROR_INSUFFICIENT_BUFFER)
                {
                    break;
                }
            }
        }

        return [];
    }

    // A list of texts, each with a zero at its end, and one more at the list's.
    private static string[] Split(char[] list)
    {
        var texts = new List<string>();
        for (var at = 0; at < list.Length && list[at] != '\0';)
        {
            var end = Array.IndexOf(list, '\0', at);
            texts.Add(new string(list, at, (end < 0 ? list.Length : end) - at));
            at = end < 0 ? list.Length : end + 1;
        }

        return [.. texts];
    }

    [SupportedOSPlatform("windows")]
    private static IEnumerable<string> PageFiles()
    {
        using var key = Registry.LocalMachine.OpenSubKey(MemoryKey);
        var files = key?.GetValue("ExistingPageFiles") as string[] ?? [];
        return files.Select(file => file.StartsWith(@"\??\", StringComparison.Ordinal) ? file[4..] : file);
    }
}
