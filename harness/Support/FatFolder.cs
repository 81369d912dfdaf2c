using System.Globalization;

namespace Tidemark.Harness.Support;

/// <summary>
/// A FAT file system as a folder, through mtools: taken out at the start, and what changed in the folder is put back
/// by <see cref="Flush"/> and at the end, file by file, so that untouched files keep their clusters.
/// </summary>
internal sealed class FatFolder : IDisposable
{
    private readonly string image;
    private readonly string folder;
    private readonly bool readOnly;
    private IReadOnlyDictionary<string, string> stored;
    private bool open = true;

    public FatFolder(string device, long offset, string folder, bool readOnly)
    {
        image = string.Create(CultureInfo.InvariantCulture, $"{device}@@{offset}");
        this.folder = folder;
        this.readOnly = readOnly;
        // "::" alone names the root with its content; an empty root makes mcopy fail, and then there is nothing to take.
        if (Run("mdir", "-i", image, "-b", "::/").Length > 0)
        {
            Run("mcopy", "-i", image, "-s", "-n", "-Q", "::/", folder);
        }

        stored = FileTree.Hashes(folder);
    }

    public string Folder => folder;

    public void Flush()
    {
        if (readOnly)
        {
            return;
        }

        var now = FileTree.Hashes(folder);
        foreach (var gone in stored.Keys.Where(path => !now.ContainsKey(path)))
        {
            Run("mdel", "-i", image, Inside(gone));
        }

        foreach (var path in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, path);
            if (Tool.Try("mdir", "-i", image, "-b", Inside(name)).ExitCode != 0)
            {
                Run("mmd", "-i", image, Inside(name));
            }
        }

        foreach (var (path, hash) in now)
        {
            if (!stored.TryGetValue(path, out var before) || before != hash)
            {
                Run("mcopy", "-i", image, "-o", "-Q", Path.Combine(folder, path), Inside(path));
            }
        }

        stored = now;
    }

    public void Dispose()
    {
        if (open)
        {
            open = false;
            Flush();
        }
    }

    private static string Inside(string path) => "::/" + path;

    // The images of tests are smaller than what mtools expects of a geometry.
    private static string Run(string tool, params string[] arguments) => Tool.Start(
        tool, arguments, Patience.Limit,
        environment: new Dictionary<string, string?> { ["MTOOLS_SKIP_CHECK"] = "1" }).Succeeded().Output;
}
