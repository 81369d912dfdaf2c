using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>
/// Paths as users and embedding programs write them. <c>link/../name</c> leads the system to beside what the link leads to, and whoever takes
/// <c>link/..</c> out of the text to beside the link: what is checked would not be what is written. So where the two differ the
/// text is replaced where it comes in, and every reader of it behind finds one place.
/// </summary>
internal static class UserPath
{
    private const string StepBack = "..";

    /// <summary>Refuses what no system takes for a path.</summary>
    /// <exception cref="TidemarkException">It is empty, or has a character that ends paths.</exception>
    public static void RequireText(string path)
    {
        if (path.Length == 0)
        {
            throw TidemarkException.WrongUse("An empty path names no file or folder. Give one.");
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw TidemarkException.WrongUse("A path can't have a NUL character in it. Give another one.");
        }
    }

    /// <summary>The path, or the address of an image; another spelling of it only where its text and the system differ.</summary>
    public static string Settle(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (OperatingSystem.IsWindows() || !path.Contains('/', StringComparison.Ordinal) || !path.Split('/').Contains(StepBack)
            || path.Contains('\0', StringComparison.Ordinal) || NbdAddress.IsMeant(path))
        {
            return path;
        }

        // The last name may be one of an image (CHAIN@3#2), or a link that is meant itself.
        var slash = path.LastIndexOf('/');
        var name = path[(slash + 1)..];
        var folder = name is StepBack or "." or "" ? path : path[..slash];
        var real = RealPath.Of(folder).Path;
        if (RealPath.Of(Path.GetFullPath(folder)).Path == real)
        {
            return path;
        }

        return folder.Length == path.Length ? real : $"{(real == "/" ? "" : real)}/{name}";
    }

    /// <summary>The same of a path that may be left out.</summary>
    public static string? SettleAny(string? path) => path is null ? null : Settle(path);
}
