using System.Globalization;
using System.Text;
using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>One line of /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The mount's number, which statx gives for a path.</param>
/// <param name="Device">The file system's device number; not a block device's for btrfs, overlays and networks.</param>
/// <param name="Source">What was mounted, as the file system says it: often a device's path.</param>
/// <param name="IsReadOnly">
/// Whether the file system itself can't be written. A read-only mount of a writable file system isn't read-only:
/// another mount of it may write.
/// </param>
/// <param name="UpperFolder">Where an overlay keeps what is written to it; null for all else.</param>
internal sealed record MountEntry(
    ulong Id, FileIdentity Device, string MountPoint, string FileSystem, string Source, bool IsReadOnly, string? UpperFolder)
{
    /// <summary>The folder of the file system that is mounted; on btrfs the subvolume begins it.</summary>
    public string Root { get; init; } = "/";

    private const string UpperOption = "upperdir=";

    /// <summary>Reads a line; null where it isn't one.</summary>
    public static MountEntry? TryParse(string line)
    {
        // 36 35 98:0 /root /mount/point rw,noatime [optional fields...] - ext3 /dev/root rw,errors=continue
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 0 || fields.Length < separator + 4
            || !ulong.TryParse(fields[0], CultureInfo.InvariantCulture, out var id)
            || fields[2].Split(':') is not [var major, var minor]
            || !uint.TryParse(major, CultureInfo.InvariantCulture, out var majorNumber)
            || !uint.TryParse(minor, CultureInfo.InvariantCulture, out var minorNumber))
        {
            return null;
        }

        var options = fields[separator + 3].Split(',');
        var upper = fields[separator + 1] == "overlay"
            ? options.FirstOrDefault(option => option.StartsWith(UpperOption, StringComparison.Ordinal))
            : null;
        return new MountEntry(
            id, new FileIdentity(true, majorNumber, minorNumber, 0), Unescape(fields[4]), fields[separator + 1],
            Unescape(fields[separator + 2]), options.Contains("ro"),
            upper is null ? null : Unescape(upper[UpperOption.Length..]))
        {
            Root = Unescape(fields[3]),
        };
    }

    /// <summary>Puts back the bytes that the kernel writes as a backslash and three octal digits.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\\' && i + 3 < bytes.Length
                && IsOctal(bytes[i + 1]) && IsOctal(bytes[i + 2]) && IsOctal(bytes[i + 3]))
            {
                bytes[length++] = (byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[length++] = bytes[i];
            }
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(0, length));

        static bool IsOctal(byte digit) => digit is >= (byte)'0' and <= (byte)'7';
    }
}
