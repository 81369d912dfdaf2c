namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>The ordinary policy for parents: the file that the name leads to from the child's folder.</summary>
internal static class ParentFiles
{
    private static readonly EnumerationOptions All = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    /// <summary>
    /// Opens a parent for reading; null if its name leads nowhere here. What is there and isn't a regular file (a
    /// device, a pipe) is never opened: the name comes from inside an image.
    /// </summary>
    /// <exception cref="TidemarkException">The file is there and can't be opened.</exception>
    public static BlockDevice? Open(BlockDevice child, string name) =>
        ParentPath.Resolve(child.Name, name) is { } path && RawDevice.TryOpenRegular(path, out _) is { Length: > 0 } file ? file : null;

    /// <summary>
    /// What a name may mean: the path as it reads, the path from where the child's folder and the child really are (links on
    /// the way change what ".." leads to), and files whose names differ in their case alone, as where the name was stored
    /// they don't.
    /// </summary>
    public static IEnumerable<string> Variants(BlockDevice child, string name)
    {
        yield return name;
        if (ParentPath.Resolve(child.Name, name) is not { } path)
        {
            yield break;
        }

        if (!Path.IsPathFullyQualified(name))
        {
            yield return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(child.Name)) ?? "", name);
            if ((child as RawDevice)?.RealPath is { } real && Path.GetDirectoryName(real) is { } folder)
            {
                yield return Path.Combine(folder, name);
            }
        }

        if (!Path.Exists(path))
        {
            foreach (var other in OtherCase(path))
            {
                yield return other;
            }
        }
    }

    private static IEnumerable<string> OtherCase(string path)
    {
        if (Path.GetDirectoryName(path) is not { } folder)
        {
            return [];
        }

        var name = Path.GetFileName(path);
        IEnumerable<string> folders = Directory.Exists(folder) ? [folder] : OtherCase(folder).Where(Directory.Exists);
        return folders.SelectMany(f => Directory.EnumerateFileSystemEntries(f, "*", All))
            .Where(entry => string.Equals(Path.GetFileName(entry), name, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }
}
