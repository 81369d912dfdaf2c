using System.Text;

namespace Tidemark.Engine.Stores;

/// <summary>What a file or folder of a store may be called: one path component that can't lead anywhere else.</summary>
internal static class StoreNames
{
    /// <summary>NAME_MAX of Linux, in bytes of UTF-8.</summary>
    public const int MaxBytes = 255;

    /// <summary>The writer lock of a folder: the folder's own, never listed and never touched by name.</summary>
    public const string LockFile = "tidemark.lock";

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
        if (name == LockFile)
        {
            throw Refuse(name, "it is the name of the folder's lock");
        }
    }

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
