namespace Tidemark.Engine.Volumes;

/// <summary>The ways in which one path can be written, links followed one after the other.</summary>
internal static class PathSpelling
{
    /// <summary>As many as the kernel follows (path_resolution(7)).</summary>
    private const int MaxLinks = 40;

    /// <summary>
    /// The path itself and what it becomes as each link on it is followed, the last one without any; links of what isn't
    /// there yet can't be known.
    /// </summary>
    /// <param name="full">A full path.</param>
    public static List<string> Of(string full)
    {
        List<string> found = [full];
        while (found.Count <= MaxLinks && Follow(found[^1]) is { } next)
        {
            found.Add(next);
        }

        return found;
    }

    /// <summary>The same without the first link on the way; null where there is none.</summary>
    private static string? Follow(string full)
    {
        for (var end = full.IndexOf('/', 1); ; end = full.IndexOf('/', end + 1))
        {
            var part = end < 0 ? full : full[..end];
            if (TargetOf(part) is { Length: > 0 } target)
            {
                var rest = end < 0 ? "" : full[end..];
                return Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(part) ?? "/", target) + rest));
            }

            if (end < 0)
            {
                return null;
            }
        }
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return path.Length > 1 ? new FileInfo(path).LinkTarget : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
