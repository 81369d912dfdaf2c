namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// Names of parents as differencing disks store them: Windows paths, relative to the child's folder, absolute, or by
/// volume GUID.
/// </summary>
internal static class ParentPath
{
    /// <summary>
    /// The names to ask an opener for, in order: each stored name with forward slashes, then the last component alone,
    /// which finds a parent that was moved together with its child. Identities are checked later, so a wrong guess
    /// costs nothing; where there is none to check, nothing is guessed.
    /// </summary>
    public static IReadOnlyList<string> Candidates(IEnumerable<string> storedNames, bool guess = true)
    {
        var names = new List<string>();
        var lastComponents = new List<string>();
        foreach (var stored in storedNames)
        {
            var name = stored.Replace('\\', '/');
            var last = name[(name.LastIndexOf('/') + 1)..];
            if (last.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            {
                continue;
            }

            Add(names, name);
            Add(lastComponents, last);
        }

        foreach (var last in lastComponents)
        {
            if (guess && !names.Contains("./" + last))
            {
                Add(names, last);
            }
        }

        return names;
    }

    /// <summary>Whether a file is called as the last component of a stored name, whatever the case.</summary>
    public static bool IsCalled(string path, IEnumerable<string> storedNames) => storedNames.Any(
        stored => string.Equals(Path.GetFileName(path), stored.Replace('\\', '/').Split('/')[^1], StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The path of a parent: <paramref name="name"/> as it is if it is absolute here, otherwise from the folder of
    /// <paramref name="childPath"/>. Null for a path of another system (a drive letter or a volume, seen on Linux).
    /// </summary>
    public static string? Resolve(string childPath, string name)
    {
        if (Path.IsPathFullyQualified(name) && !name.StartsWith("//", StringComparison.Ordinal))
        {
            return name;
        }

        if (name.StartsWith("//", StringComparison.Ordinal) || (name.Length > 1 && name[1] == ':'))
        {
            return OperatingSystem.IsWindows() ? name.Replace('/', '\\') : null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(childPath));
        return folder is null ? null : Path.GetFullPath(Path.Combine(folder, name));
    }

    private static void Add(List<string> names, string name)
    {
        if (!names.Contains(name))
        {
            names.Add(name);
        }
    }
}
