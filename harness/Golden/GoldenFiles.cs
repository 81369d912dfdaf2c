using System.Security.Cryptography;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Golden;

/// <summary>The checked-in golden chains: a folder each, and POINTS, what each point in time restores to.</summary>
internal static class GoldenFiles
{
    /// <summary>A file that says what every point in time restores to: SHA-256, bytes, chain@sequence; a line each.</summary>
    private const string PointsName = "POINTS";

    public static string Folder { get; } = Repository.PathOf("harness", "Golden", "v1");

    /// <summary>SHA-256 in hex and length of each point, by chain@sequence.</summary>
    public static IReadOnlyDictionary<string, (string Sha256, long Length)> Points =>
        File.ReadLines(Path.Combine(Folder, PointsName)).Select(line => line.Split(' ')).ToDictionary(
            parts => parts[2], parts => (parts[0], long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)), StringComparer.Ordinal);

    public static string PathOf(string chain) => Path.Combine(Folder, chain);

    /// <summary>Makes a chain in memory; its files by name.</summary>
    public static SortedDictionary<string, byte[]> Make(string chain)
    {
        var folder = new MemoryStore().CreateFolder(chain);
        GoldenChains.Makers[chain](folder);
        return Contents(folder);
    }

    /// <summary>Writes all chains anew; what stands in POINTS is taken from restores of them.</summary>
    public static void Regenerate(Func<string, IEnumerable<(long Sequence, byte[] Content)>> restoreAll)
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        var points = new List<string>();
        foreach (var chain in GoldenChains.Makers.Keys)
        {
            Directory.CreateDirectory(PathOf(chain));
            foreach (var (name, bytes) in Make(chain))
            {
                File.WriteAllBytes(Path.Combine(PathOf(chain), name), bytes);
            }

            points.AddRange(restoreAll(chain).Select(point => string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{Convert.ToHexStringLower(SHA256.HashData(point.Content))} {point.Content.Length} {chain}@{point.Sequence}")));
        }

        File.WriteAllText(Path.Combine(Folder, PointsName), string.Join('\n', points) + "\n");
    }

    private static SortedDictionary<string, byte[]> Contents(StoreFolder folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in folder.List())
        {
            using var file = folder.OpenRead(entry.Name);
            var bytes = new byte[file.Length];
            file.ReadAt(0, bytes);
            files.Add(entry.Name, bytes);
        }

        return files;
    }
}
