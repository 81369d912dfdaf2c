using System.Diagnostics;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Lint;

/// <summary>A text file of the repository.</summary>
/// <param name="Path">Within the repository, with slashes.</param>
internal sealed record SourceFile(string Path, string Text)
{
    // What builds leave behind; nothing of it is checked in.
    private static readonly string[] Outputs = ["bin", "obj", "artifacts", ".git", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts"];

    private static readonly Lazy<IReadOnlyList<SourceFile>> Read = new(ReadAll);

    public static IReadOnlyList<SourceFile> All => Read.Value;

    public static IEnumerable<SourceFile> Code => All.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> Projects => All.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal));

    /// <summary>Whether it lies in a folder of the repository.</summary>
    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>Whether it belongs to the subset of TerraFX.Interop.Windows, in that library's own namespace.</summary>
    public bool IsTerraFX => System.IO.Path.GetDirectoryName(Path) == System.IO.Path.Combine("interop", "windows");

    /// <summary>"path:line: text" of every line that meets a condition.</summary>
    public IEnumerable<string> Lines(Func<string, bool> condition) => Text.Split('\n')
        .Select((line, index) => (line, index)).Where(pair => condition(pair.line))
        .Select(pair => $"{Path}:{pair.index + 1}: {pair.line.Trim()}");

    private static List<SourceFile> ReadAll()
    {
        var files = new List<SourceFile>();
        var folders = new Stack<string>([Repository.Root]);
        while (folders.TryPop(out var folder))
        {
            foreach (var child in Directory.EnumerateDirectories(folder))
            {
                if (!Outputs.Contains(System.IO.Path.GetFileName(child)))
                {
                    folders.Push(child);
                }
            }

            foreach (var path in Directory.EnumerateFiles(folder))
            {
                // In a linked worktree .git is a file.
                if (Outputs.Contains(System.IO.Path.GetFileName(path)))
                {
                    continue;
                }

                var bytes = File.ReadAllBytes(path);
                // Disks, images and corpora aren't text.
                if (!bytes.AsSpan().Contains((byte)0))
                {
                    var name = System.IO.Path.GetRelativePath(Repository.Root, path).Replace('\\', '/');
                    files.Add(new SourceFile(name, System.Text.Encoding.UTF8.GetString(bytes)));
                }
            }
        }

        Debug.Assert(files.Count > 0);
        return files;
    }
}
