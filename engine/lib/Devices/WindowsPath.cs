using System.Globalization;

namespace Tidemark.Engine.Devices;

/// <summary>
/// What a path means to Windows: a device, which CreateFileW takes without a backslash at its end, or a file, which it
/// takes at any length behind <c>\\?\</c>. Text alone; nothing is opened.
/// </summary>
internal static class WindowsPath
{
    private const string Win32Devices = @"\\.\";
    private const string Verbatim = @"\\?\";
    private const string VerbatimUnc = @"\\?\UNC\";
    private const string DiskName = "PhysicalDrive";
    private const string NativeDevices = @"GLOBALROOT\Device\";

    /// <summary>
    /// Whether the path names a disk, volume, shadow copy or another device: <c>C:</c>, <c>\\.\C:</c>,
    /// <c>\\?\Volume{…}</c>, <c>\\.\PhysicalDrive0</c>, <c>\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1</c>, each
    /// with or without a backslash behind it but for the first, which would be a folder.
    /// </summary>
    /// <param name="path">As the user gave it.</param>
    /// <param name="device">The name to open.</param>
    public static bool TryDevice(string path, out string device)
    {
        device = "";
        if (IsDrive(path))
        {
            device = Win32Devices + path.ToUpperInvariant();
            return true;
        }

        var text = path.Replace('/', '\\');
        if (!text.StartsWith(Win32Devices, StringComparison.Ordinal) && !text.StartsWith(Verbatim, StringComparison.Ordinal))
        {
            return false;
        }

        var name = text[Verbatim.Length..].TrimEnd('\\');
        var isDevice = name.StartsWith(NativeDevices, StringComparison.OrdinalIgnoreCase)
            ? IsNativeDevice(name[NativeDevices.Length..])
            : name.Length > 0 && !name.Contains('\\') && (text.StartsWith(Win32Devices, StringComparison.Ordinal) || IsDrive(name)
                || IsVolume(name) || IsDisk(name));
        if (isDevice)
        {
            device = text[..Verbatim.Length] + name;
        }

        return isDevice;
    }

    /// <summary>
    /// A source as a user names it: <c>C:\</c> is a folder to everybody else, but nobody images a folder, so it stands for
    /// the volume <c>C:</c>; all else is what it is.
    /// </summary>
    public static string OfSource(string path) => path is [var letter, ':', '\\' or '/'] && char.IsAsciiLetter(letter) ? path[..2] : path;

    /// <summary>Whether a device's name is that of a whole disk.</summary>
    public static bool IsWholeDisk(string device) => device.Length > Verbatim.Length && IsDisk(device[Verbatim.Length..]);

    /// <summary>The N of <c>PhysicalDriveN</c>, a device's name behind its prefix.</summary>
    internal static bool TryDiskNumber(string name, out int number)
    {
        number = -1;
        return IsDisk(name) && int.TryParse(name.AsSpan(DiskName.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The full path of a file or folder in the form that may have any length.</summary>
    public static string OfFile(string path) => Extend(Path.GetFullPath(path));

    /// <summary>A full path in the form that may have any length.</summary>
    internal static string Extend(string full)
    {
        if (full.StartsWith(Verbatim, StringComparison.Ordinal) || full.StartsWith(Win32Devices, StringComparison.Ordinal))
        {
            return full;
        }

        return full.StartsWith(@"\\", StringComparison.Ordinal) ? VerbatimUnc + full[2..] : Verbatim + full;
    }

    private static bool IsDrive(string name) => name.Length == 2 && char.IsAsciiLetter(name[0]) && name[1] == ':';

    /// <summary>Whether a device's name behind its prefix has the form of a volume's: <c>Volume{…}</c>.</summary>
    internal static bool IsVolume(string name) =>
        name.StartsWith("Volume{", StringComparison.OrdinalIgnoreCase) && name.EndsWith('}');

    private static bool IsDisk(string name) => IsNumbered(name, DiskName);

    // A volume or shadow copy is one component; a disk's partitions, and the disk as its partition 0, are two.
    private static bool IsNativeDevice(string name)
    {
        var parts = name.Split('\\');
        return parts.Length == 1 ? parts[0].Length > 0 : parts.Length == 2 && IsNumbered(parts[0], "Harddisk");
    }

    private static bool IsNumbered(string name, string word) =>
        name.Length > word.Length && name.StartsWith(word, StringComparison.OrdinalIgnoreCase)
        && !name.AsSpan(word.Length).ContainsAnyExceptInRange('0', '9');
}
