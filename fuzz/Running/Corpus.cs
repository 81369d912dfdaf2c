namespace Tidemark.Fuzz.Running;

/// <summary>The checked-in inputs: one folder a target.</summary>
internal static class Corpus
{
    /// <summary>Where the inputs of a target lie.</summary>
    public static string FolderOf(string target) => Path.Combine(Root(), "corpus", target);

    /// <summary>Inputs with their names, in the order of the names so that seeds replay.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(string target)
    {
        var folder = FolderOf(target);
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
    }

    /// <summary>The project's folder, found upwards from the program or from where it was started.</summary>
    public static string Root()
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "fuzz", "Tidemark.Fuzz.csproj")))
                {
                    return Path.Combine(folder.FullName, "fuzz");
                }
            }
        }

        throw new DirectoryNotFoundException("The fuzz folder of the repository was not found; run this inside the repository.");
    }
}
