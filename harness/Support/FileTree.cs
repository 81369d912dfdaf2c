using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>Trees of files as people have them, made and changed by a random source, and compared by content.</summary>
internal static class FileTree
{
    private static readonly string[] Words =
    [
        "tide", "mark", "harbour", "ledger", "invoice", "Grüße", "東京", "naïve", "report", "draft", "photo",
        "backup", "notes", "überblick", "meeting", "archive", "final", "copy of", "résumé", "data",
    ];

    /// <summary>Writes files and folders.</summary>
    /// <param name="folder">Where; must exist.</param>
    /// <param name="random">Decides everything.</param>
    /// <param name="files">How many files.</param>
    /// <param name="bytes">How many bytes they have together, about.</param>
    public static void Write(string folder, Random random, int files, long bytes)
    {
        var folders = new List<string> { folder };
        var left = bytes;
        for (var i = 0; i < files; i++)
        {
            if (i % 7 == 3)
            {
                var parent = folders[random.Next(folders.Count)];
                folders.Add(Directory.CreateDirectory(Path.Combine(parent, $"{Name(random)} {i}")).FullName);
            }

            var average = Math.Max(1, left / (files - i));
            // Most files are small and a few hold most of the bytes.
            var length = i == files - 1 ? left : Math.Min(left, (long)(average * Math.Pow(random.NextDouble(), 3) * 4));
            WriteFile(Path.Combine(folders[random.Next(folders.Count)], $"{Name(random)} {i}.{(i % 3 == 0 ? "txt" : "bin")}"), random, length);
            left -= length;
        }
    }

    /// <summary>
    /// Changes a tree: overwrites inside files, appends, truncates, renames, deletes and adds some.
    /// Returns what was done, a line each.
    /// </summary>
    public static IReadOnlyList<string> Change(string folder, Random random, int changes)
    {
        var done = new List<string>();
        for (var i = 0; i < changes; i++)
        {
            var all = Files(folder);
            var path = all.Count == 0 ? null : all[random.Next(all.Count)];
            var action = path == null ? 0 : random.Next(6);
            switch (action)
            {
                case 0:
                    path = Path.Combine(folder, $"new {Name(random)} {random.Next()}.bin");
                    WriteFile(path, random, random.Next(200_000));
                    break;
                case 1:
                    Overwrite(path!, random);
                    break;
                case 2:
                    using (var file = new FileStream(path!, FileMode.Append))
                    {
                        file.Write(Content(random, random.Next(100_000)));
                    }

                    break;
                case 3:
                    using (var file = new FileStream(path!, FileMode.Open))
                    {
                        file.SetLength(random.NextInt64(file.Length + 1));
                    }

                    break;
                case 4:
                    File.Move(path!, Path.Combine(Path.GetDirectoryName(path!)!, $"moved {Name(random)} {random.Next()}.bin"));
                    break;
                default:
                    File.Delete(path!);
                    break;
            }

            string[] verbs = ["added", "overwrote inside", "appended to", "truncated", "renamed", "deleted"];
            done.Add($"{verbs[action]} {Path.GetRelativePath(folder, path!)}");
        }

        return done;
    }

    /// <summary>SHA-256 of every file, by its path within the folder, in order.</summary>
    public static IReadOnlyDictionary<string, string> Hashes(string folder)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Files(folder))
        {
            hashes[Path.GetRelativePath(folder, path)] = Hash(path);
        }

        return hashes;
    }

    public static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Fails with the files that are missing, foreign or different.</summary>
    public static void AssertSame(IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> actual)
    {
        var wrong = expected.Where(file => !actual.ContainsKey(file.Key)).Select(file => $"missing: {file.Key}")
            .Concat(actual.Where(file => !expected.ContainsKey(file.Key)).Select(file => $"foreign: {file.Key}"))
            .Concat(expected.Where(file => actual.TryGetValue(file.Key, out var hash) && hash != file.Value)
                .Select(file => $"different: {file.Key}"))
            .ToArray();
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    /// <summary>
    /// Bytes like a file's: text that compresses, noise that doesn't, or zeros, in runs.
    /// </summary>
    public static byte[] Content(Random random, long length)
    {
        var content = new byte[length];
        for (var offset = 0; offset < content.Length;)
        {
            var run = content.AsSpan(offset, (int)Math.Min(content.Length - offset, random.Next(1, 64 << 10)));
            switch (random.Next(5))
            {
                case 0:
                    break;
                case 1 or 2:
                    random.NextBytes(run);
                    break;
                default:
                    FillWithText(run, random);
                    break;
            }

            offset += run.Length;
        }

        return content;
    }

    private static List<string> Files(string folder)
    {
        // Links and a file system's own files aren't content.
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = false,
        };
        return [.. Directory.EnumerateFiles(folder, "*", options).Order(StringComparer.Ordinal)];
    }

    private static void WriteFile(string path, Random random, long length)
    {
        // Pieces keep the memory of a large file small.
        const int Piece = 1 << 20;
        using var file = new FileStream(path, FileMode.CreateNew);
        for (var left = length; left > 0; left -= Piece)
        {
            file.Write(Content(random, Math.Min(left, Piece)));
        }
    }

    private static void Overwrite(string path, Random random)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        if (file.Length == 0)
        {
            return;
        }

        file.Position = random.NextInt64(file.Length);
        file.Write(Content(random, Math.Min(file.Length - file.Position, random.Next(1, 50_000))));
    }

    private static void FillWithText(Span<byte> run, Random random)
    {
        while (run.Length > 0)
        {
            Span<byte> word = Encoding.UTF8.GetBytes($"{Words[random.Next(Words.Length)]} ");
            word = word[..Math.Min(word.Length, run.Length)];
            word.CopyTo(run);
            run = run[word.Length..];
        }
    }

    private static string Name(Random random) => $"{Words[random.Next(Words.Length)]} {Words[random.Next(Words.Length)]}";
}
