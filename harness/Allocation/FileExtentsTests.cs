using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Files by their names: the bytes at the extents that a walk tells of are the files' content.</summary>
public class FileExtentsTests
{
    private const int Mebibyte = 1 << 20;

    public static TheoryData<string> FileSystems => ["ntfs", "ntfs 512", "fat12", "fat16", "fat32", "exfat", "exfat 512"];

    [Theory]
    [MemberData(nameof(FileSystems))]
    public void Every_file_is_told_of_with_the_place_of_its_content(string kind)
    {
        using var folder = new TempFolder("file-extents");
        var random = Seed.Random($"{nameof(Every_file_is_told_of_with_the_place_of_its_content)} {kind}");
        var image = Make(folder, kind);
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Fill(image, kind, folder.Folder("mount"), at =>
        {
            FileTree.Write(at, random, 30, kind == "fat12" ? 400_000 : 3 * Mebibyte);
            File.WriteAllBytes(Path.Combine(at, "empty"), []);
            File.WriteAllText(Path.Combine(at, "SHORT.TXT"), "a name that needs no long one");
            Directory.CreateDirectory(Path.Combine(at, "one", "two", "three"));
            File.WriteAllBytes(Path.Combine(at, "one", "two", "three", "deep"), FileTree.Content(random, 50_000));
            FileTree.Change(at, random, kind == "fat12" ? 3 : 15);
            foreach (var path in Directory.EnumerateFiles(at, "*", SearchOption.AllDirectories))
            {
                contents[Path.GetRelativePath(at, path)] = File.ReadAllBytes(path);
            }
        });

        var seen = Walk(image, _ => true);
        Assert.Equal(contents.Keys.Order(StringComparer.Ordinal), seen.Keys.Order(StringComparer.Ordinal));
        var bytes = File.ReadAllBytes(image);
        foreach (var (path, (file, extents)) in seen)
        {
            Assert.Equal(1, file.Names);
            var content = contents[path];
            // Of NTFS, what is small is in a record.
            if (extents.Count == 0)
            {
                Assert.InRange(content.Length, 0, kind.StartsWith("ntfs", StringComparison.Ordinal) ? 1000 : 0);
                continue;
            }

            var read = extents.SelectMany(extent => bytes.AsSpan((int)extent.Offset, (int)extent.Length).ToArray()).ToArray();
            Assert.True(read.Length >= content.Length, $"{path} has {content.Length} bytes and extents of {read.Length}.");
            Assert.True(content.AsSpan().SequenceEqual(read.AsSpan(0, content.Length)), $"{path} differs");
        }
    }

    [Theory]
    [MemberData(nameof(FileSystems))]
    public void What_is_left_out_by_name_reads_as_zeros_and_all_else_stays(string kind)
    {
        using var folder = new TempFolder("file-extents");
        var random = Seed.Random($"{nameof(What_is_left_out_by_name_reads_as_zeros_and_all_else_stays)} {kind}");
        var image = Make(folder, kind);
        IReadOnlyDictionary<string, string> hashes = null!;
        Fill(image, kind, folder.Folder("mount"), at =>
        {
            FileTree.Write(at, random, 12, 300_000);
            Directory.CreateDirectory(Path.Combine(at, "Left Out"));
            for (var i = 0; i < 4; i++)
            {
                File.WriteAllBytes(Path.Combine(at, "Left Out", $"video {i}.mov"), FileTree.Content(random, 30_000 + i));
            }

            hashes = FileTree.Hashes(at);
        });

        var asked = new List<string>();
        var extents = Walk(image, path =>
        {
            asked.Add(path);
            return path.StartsWith("Left Out/", StringComparison.Ordinal);
        }).Values.SelectMany(file => file.Extents).ToList();
        Assert.Equal(hashes.Keys.Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
        Assert.InRange(extents.Sum(extent => extent.Length), 4 * 30_000, 4 * (30_003 + 65536));

        VolumeStates states;
        using (var device = RawDevice.OpenRead(image))
        {
            var source = new DeviceSource(device, 0, device.Length);
            using var map = new ExcludingMap(VolumeMaps.TryOpen(source)!, extents);
            states = VolumeStates.Of(image, 0, map, random);
        }

        Assert.Equal(extents.Sum(extent => extent.Length), states.ExcludedBytes);
        states.Scramble(random);
        Fill(image, kind, folder.Folder("again"), at =>
        {
            foreach (var (path, hash) in hashes)
            {
                if (path.StartsWith("Left Out/", StringComparison.Ordinal))
                {
                    Assert.False(File.ReadAllBytes(Path.Combine(at, path)).AsSpan().ContainsAnyExcept((byte)0), $"{path} isn't zeros");
                }
                else
                {
                    Assert.Equal(hash, FileTree.Hash(Path.Combine(at, path)));
                }
            }
        });
    }

    [Fact]
    public void A_file_of_NTFS_with_several_names_comes_by_each()
    {
        using var folder = new TempFolder("file-extents");
        Mount.Require("ntfs");
        var image = Make(folder, "ntfs");
        Fill(image, "ntfs", folder.Folder("mount"), at =>
        {
            File.WriteAllBytes(Path.Combine(at, "first"), new byte[10_000]);
            Directory.CreateDirectory(Path.Combine(at, "elsewhere"));
            Tool.Run("ln", Path.Combine(at, "first"), Path.Combine(at, "elsewhere", "second"));
        });
        var seen = Walk(image, _ => true);
        Assert.Equal(["elsewhere/second", "first"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.Single(seen.Values.Select(file => file.File).Distinct());
        Assert.All(seen.Values, file => Assert.Equal(2, file.File.Names));
    }

    [Fact]
    public void A_walk_can_be_ended()
    {
        using var folder = new TempFolder("file-extents");
        var image = Make(folder, "fat16");
        Fill(image, "fat16", folder.Folder("mount"), at => File.WriteAllText(Path.Combine(at, "file"), "content"));
        using var device = RawDevice.OpenRead(image);
        var source = new DeviceSource(device, 0, device.Length);
        Assert.Throws<OperationCanceledException>(() => VolumeFiles.TryOpen(source, "fat16")!.Walk(new Visitor(_ => true), new CancellationToken(true)));
    }

    [Fact]
    public void Content_that_the_map_calls_free_or_has_twice_is_not_left_out()
    {
        using var folder = new TempFolder("file-extents");
        var image = Make(folder, "fat16");
        using var device = RawDevice.OpenRead(image);
        using var map = VolumeMaps.TryOpen(new DeviceSource(device, 0, device.Length))!;
        var free = map.Length - 4096;
        Assert.Throws<AllocationException>(() => new ExcludingMap(map, [new(free, 2048)]));
        Assert.Throws<AllocationException>(() => new ExcludingMap(map, [new(map.Length, 2048)]));
        Assert.Throws<AllocationException>(() => new ExcludingMap(map, [new(0, 2048), new(1024, 2048)]));
        var twice = new ExcludingMap(map, [new(0, 2048)]);
        Assert.Equal(2048, twice.ExcludedBytes);
        Assert.Throws<AllocationException>(() => new ExcludingMap(twice, [new(1024, 512)]));
    }

    private static string Make(TempFolder folder, string kind)
    {
        switch (kind)
        {
            case "ntfs":
                Mount.Require("ntfs");
                return NtfsImage.Make(folder, 16 * Mebibyte).Path;
            case "ntfs 512":
                Mount.Require("ntfs");
                return NtfsImage.Make(folder, 16 * Mebibyte, 512).Path;
            case "exfat" or "exfat 512":
                Mount.Require("exfat");
                return ExfatImage.Make(folder, 16 * Mebibyte, "-c", kind == "exfat" ? "4096" : "512").Path;
            default:
                Mount.Require("fat32");
                return FatImage.Make(folder, (kind == "fat32" ? 36 : kind == "fat16" ? 16 : 2) * Mebibyte, "-F", kind[3..], "-s", "1").Path;
        }
    }

    private static void Fill(string image, string kind, string at, Action<string> action)
    {
        if (kind.StartsWith("fat", StringComparison.Ordinal))
        {
            using var mount = new FatFolder(image, 0, at, readOnly: false);
            action(mount.Folder);
        }
        else
        {
            using var mount = Mount.OfFile(image, 0, 0, at, kind.Split(' ')[0]);
            action(mount.Folder);
        }
    }

    private static Dictionary<string, (NamedFile File, List<ContentExtent> Extents)> Walk(string image, Predicate<string> wants)
    {
        using var device = RawDevice.OpenRead(image);
        var source = new DeviceSource(device, 0, device.Length);
        using var map = VolumeMaps.TryOpen(source);
        var visitor = new Visitor(wants);
        VolumeFiles.TryOpen(source, map!.FileSystem)!.Walk(visitor, CancellationToken.None);
        return visitor.Seen;
    }

    private sealed class Visitor(Predicate<string> wants) : IFileVisitor
    {
        public Dictionary<string, (NamedFile File, List<ContentExtent> Extents)> Seen { get; } = new(StringComparer.Ordinal);

        public bool Wants(ReadOnlySpan<char> path) => wants(path.ToString());

        public void Visit(ReadOnlySpan<char> path, NamedFile file, IReadOnlyList<ContentExtent> extents) =>
            Seen.Add(path.ToString(), (file, [.. extents]));
    }
}
