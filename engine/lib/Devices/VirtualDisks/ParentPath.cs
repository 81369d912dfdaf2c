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
    /// costs nothing.
    /// </summary>
    public static IReadOnlyList<string> Candidates(IEnumerable<string> storedNames)
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
            if (!names.Contains("./" + last))
            {
                Add(names, last);
            }
        }

        return names;
    }

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
