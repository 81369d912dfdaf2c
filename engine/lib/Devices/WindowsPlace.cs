using System.Globalization;

namespace Tidemark.Engine.Devices;

/// <summary>What a path means on Windows, as far as its text tells.</summary>
internal enum WindowsPlaceKind
{
    /// <summary>A file or folder, or the place for one.</summary>
    Ordinary,

    /// <summary>A volume by its letter or its GUID.</summary>
    Volume,

    /// <summary>A whole disk.</summary>
    Disk,

    /// <summary>Another device: a shadow copy, for example.</summary>
    Device,
}

/// <summary>A path as Windows takes it: nothing is opened or asked, so it works on every system.</summary>
/// <param name="Device">
/// The name under which CreateFileW opens the device itself: <c>\\.\C:</c>, <c>\\?\Volume{…}</c>,
/// <c>\\.\PhysicalDrive0</c>; the path as it was for an ordinary one.
/// </param>
/// <param name="DiskNumber">Of a disk; -1 for everything else.</param>
internal readonly record struct WindowsPlace(WindowsPlaceKind Kind, string Device, int DiskNumber)
{
    public const string DiskPrefix = @"\\.\PhysicalDrive";

    // "\\.\" or "\\?\" before a device's own name.
    private const int PrefixLength = 4;

    public bool IsDevice => Kind != WindowsPlaceKind.Ordinary;

    /// <summary>
    /// The root of a volume as the functions for volumes and VSS want it, <c>C:\</c> or <c>\\?\Volume{…}\</c>; null for all
    /// else.
    /// </summary>
    public string? Root => Kind != WindowsPlaceKind.Volume ? null
        : Device.EndsWith(':') ? Device[PrefixLength..] + '\\'
        : Device + '\\';

    /// <summary>
    /// Reads a path as a user gives it. <c>C:</c> and <c>C:\</c> mean the volume: nobody images a folder.
    /// Slashes count as backslashes.
    /// </summary>
    public static WindowsPlace Parse(string path)
    {
        if (!WindowsPath.TryDevice(WindowsPath.OfSource(path), out var device))
        {
            return new WindowsPlace(WindowsPlaceKind.Ordinary, path, -1);
        }

        var name = device[PrefixLength..];
        if (name is [var letter, ':'] && char.IsAsciiLetter(letter))
        {
            return new WindowsPlace(WindowsPlaceKind.Volume, $@"\\.\{char.ToUpperInvariant(letter)}:", -1);
        }

        if (WindowsPath.IsVolume(name) && Guid.TryParseExact(name.AsSpan(name.IndexOf('{')), "B", out var id))
        {
            return new WindowsPlace(WindowsPlaceKind.Volume, $@"\\?\Volume{id:B}", -1);
        }

        return WindowsPath.TryDiskNumber(name, out var number)
            ? new WindowsPlace(WindowsPlaceKind.Disk, string.Create(CultureInfo.InvariantCulture, $"{DiskPrefix}{number}"), number)
            : new WindowsPlace(WindowsPlaceKind.Device, device, -1);
    }
}
