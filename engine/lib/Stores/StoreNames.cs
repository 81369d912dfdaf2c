using System.Buffers;
using System.Text;

namespace Tidemark.Engine.Stores;

/// <summary>What a file or folder of a store may be called: one path component that can't lead anywhere else.</summary>
internal static class StoreNames
{
    /// <summary>NAME_MAX of Linux, in bytes of UTF-8.</summary>
    public const int MaxBytes = 255;

    /// <summary>The writer lock of a folder: the folder's own, never listed and never touched by name.</summary>
    public const string LockFile = "tidemark.lock";

    /// <summary>Who holds that lock, for other machines; as much the folder's own.</summary>
    public const string OwnerFile = "tidemark.owner";

    private static readonly SearchValues<char> windowsCharacters = SearchValues.Create("<>:\"|?*");

    private static readonly HashSet<string> windowsDevices = new(
        [
            "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
            .. "0123456789¹²³".Select(digit => $"COM{digit}"), .. "0123456789¹²³".Select(digit => $"LPT{digit}"),
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <exception cref="TidemarkException">The name is empty, too long, or more than one path component.</exception>
    public static void Check(string name)
    {
        if (name.Length == 0)
        {
            throw Refuse(name, "it is empty");
        }

        if (name is "." or "..")
        {
            throw Refuse(name, "it means a folder");
        }

        if (name.AsSpan().ContainsAny('/', '\\', '\0'))
        {
            throw Refuse(name, "it has a slash, a backslash or a zero character");
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            throw Refuse(name, $"it is longer than {MaxBytes} bytes");
        }
    }

    /// <summary><see cref="Check"/>, and the name isn't the lock's.</summary>
    public static void CheckFile(string name)
    {
        Check(name);
        if (name is LockFile or OwnerFile)
        {
            throw Refuse(name, "it is the name of the folder's lock");
        }
    }

    /// <summary><see cref="Check"/>, and the name means on Windows what it says.</summary>
    /// <remarks>
    /// A colon would lead into another stream of a file; a dot or blank at the end is dropped by most programs, and a
    /// device's name means the device to them, whatever stands behind its first dot.
    /// </remarks>
    public static void CheckWindows(string name)
    {
        Check(name);
        if (name.AsSpan().ContainsAny(windowsCharacters) || name.AsSpan().ContainsAnyInRange('\u0001', '\u001f'))
        {
            throw Refuse(name, "Windows has no such characters in names");
        }

        if (name[^1] is '.' or ' ')
        {
            throw Refuse(name, "on Windows no name ends with a dot or a blank");
        }

        if (windowsDevices.Contains(name.Split('.')[0].TrimEnd(' ')))
        {
            throw Refuse(name, "it means a device on Windows");
        }
    }

    /// <summary><see cref="CheckWindows"/>, and the name isn't the lock's in any case of letters.</summary>
    public static void CheckWindowsFile(string name)
    {
        CheckWindows(name);
        if (IsLockFile(name))
        {
            throw Refuse(name, "it is the name of the folder's lock");
        }
    }

    /// <summary>Whether a name leads to the lock where the case of letters doesn't matter.</summary>
    public static bool IsLockFile(string name) => string.Equals(name, LockFile, StringComparison.OrdinalIgnoreCase)
        || string.Equals(name, OwnerFile, StringComparison.OrdinalIgnoreCase);

    private static TidemarkException Refuse(string name, string why) =>
        TidemarkException.WrongUse($"\"{Shown(name)}\" can't be the name of a file or folder in a store: {why}.");

    // A name from outside is shown, but not in any length and not with characters that steer a terminal.
    private static string Shown(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, 80)))
        {
            text.Append(char.IsControl(c) ? '?' : c);
        }

        return text.ToString();
    }
}
