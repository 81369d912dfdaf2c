using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Files;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Files;

/// <summary>Trees of files that say anything: paths stay within them, and copies within their folder.</summary>
public sealed class FileTreeTests : IDisposable
{
    private readonly TempFolder folder = new("tree");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("etc/fstab", "fstab")]
    [InlineData("/etc/./fstab", "fstab")]
    [InlineData("//etc//fstab/", "fstab")]
    // Links lead where they would on the imaged system, and never out of it.
    [InlineData("absolute/fstab", "fstab")]
    [InlineData("relative/fstab", "fstab")]
    [InlineData("above/fstab", "fstab")]
    [InlineData("etc/../../../etc/fstab", "fstab")]
    // The last name is meant itself.
    [InlineData("absolute", "absolute")]
    [InlineData("", "")]
    [InlineData("..", "")]
    public void A_path_is_found_as_the_imaged_system_would(string path, string name)
    {
        using var tree = Sample();
        Assert.Equal(name, tree.Find(path, default)!.Name);
    }

    [Theory]
    [InlineData("etc/passwd")]
    [InlineData("etc/fstab/x")]
    [InlineData("loop/x")]
    [InlineData("dangling/x")]
    public void What_is_not_there_is_not_found(string path)
    {
        using var tree = Sample();
        Assert.Null(tree.Find(path, default));
    }

    [Fact]
    public void A_copy_has_content_links_times_and_modes()
    {
        OnlyOn.Linux();
        using var tree = Sample();
        var copy = Copy(tree, out var target);
        Assert.Empty(copy.Problems);
        Assert.Equal("/dev/vda1 / ext4\n", File.ReadAllText(Path.Combine(target, "etc/fstab")));
        Assert.Equal("/etc", new FileInfo(Path.Combine(target, "absolute")).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(Path.Combine(target, "etc/fstab")));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1_000_000), File.GetLastWriteTimeUtc(Path.Combine(target, "etc/fstab")));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1_000_000), Directory.GetLastWriteTimeUtc(Path.Combine(target, "etc")));
    }

    [Fact]
    public void Names_and_links_of_a_forged_image_lead_nowhere()
    {
        OnlyOn.Linux();
        var outside = folder.Folder("outside");
        using var tree = new MemoryTree();
        tree.AddFile("", "..", "x");
        tree.AddFile("", "../escaped", "x");
        tree.AddFile("", outside + "/escaped", "x");
        tree.AddFile("", "", "x");
        tree.AddFile("", "nul\0byte", "x");
        // A link, and a folder of the same name whose files would go through it.
        tree.AddLink("", "door", outside);
        tree.AddFolder("", "door");
        tree.AddFile("door", "through", "x");
        // A file beside a link of its name that leads out.
        tree.AddLink("", "key", outside + "/made");
        tree.AddFile("", "key", "x");
        tree.Add("", new FileEntry("disk", "disk", FileKind.BlockDevice, 0, 0x1B6, 0, 0, default, default));
        tree.Add("", new FileEntry("pipe", "pipe", FileKind.Fifo, 0, 0x1B6, 0, 0, default, default));
        tree.AddFile("", "good", "y");
        var copy = Copy(tree, out var target);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal(["door", "good", "key"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Order());
        Assert.Equal("y", File.ReadAllText(Path.Combine(target, "good")));
        Assert.Equal(2, copy.Specials);
        Assert.Equal(7, copy.Problems.Count);
        Assert.False(File.Exists(folder.At("escaped")));
    }

    [Fact]
    public void A_folder_within_itself_ends()
    {
        OnlyOn.Linux();
        using var tree = new MemoryTree();
        tree.AddFolder("", "a");
        tree.AddFolder("a", "b");
        // The same folder again, deeper.
        tree.Add("b", new FileEntry("a", "a", FileKind.Folder, 0, 0x1ED, 0, 0, default, default));
        var copy = Copy(tree, out var target);
        Assert.True(Assert.Single(copy.Problems).IsDamage);
        Assert.True(Directory.Exists(Path.Combine(target, "a/b")));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named_and_the_others_come()
    {
        OnlyOn.Linux();
        using var tree = Sample();
        tree.Fail("fstab");
        var copy = Copy(tree, out var target);
        Assert.Equal("/etc/fstab", Assert.Single(copy.Problems).Path);
        Assert.True(copy.Problems[0].IsDamage);
        Assert.Equal("h", File.ReadAllText(Path.Combine(target, "etc/hosts")));
    }

    [Fact]
    public void Names_of_one_file_stay_one_file()
    {
        OnlyOn.Linux();
        using var tree = new MemoryTree();
        tree.Add("", new FileEntry("one", "17", FileKind.File, 4, 0x1A4, 0, 0, default, default, "17"), "same");
        tree.Add("", new FileEntry("two", "17", FileKind.File, 4, 0x1A4, 0, 0, default, default, "17"), "same");
        Copy(tree, out var target);
        File.AppendAllText(Path.Combine(target, "one"), "!");
        Assert.Equal("same!", File.ReadAllText(Path.Combine(target, "two")));
    }

    [SeededProperty]
    public void Whatever_is_written_in_whatever_pieces_is_the_file(int seed)
    {
        var random = new Random(seed);
        var content = new byte[random.Next(60_000)];
        for (var at = 0; at < content.Length;)
        {
            // Stretches of zeros and of bytes, of any length.
            var length = Math.Min(random.Next(1, 20_000), content.Length - at);
            if (random.Next(2) == 0)
            {
                random.NextBytes(content.AsSpan(at, length));
            }

            at += length;
        }

        var path = folder.At($"sparse{Guid.NewGuid():N}");
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
        {
            using var writer = new SparseWriter(file, path);
            for (var at = 0; at < content.Length;)
            {
                var length = Math.Min(random.Next(1, 15_000), content.Length - at);
                writer.Write(content.AsSpan(at, length));
                at += length;
            }

            writer.Flush();
        }

        Assert.Equal(content, File.ReadAllBytes(path));
    }

    private static MemoryTree Sample()
    {
        var tree = new MemoryTree();
        tree.AddFolder("", "etc");
        tree.AddFile("etc", "fstab", "/dev/vda1 / ext4\n");
        tree.AddFile("etc", "hosts", "h");
        tree.AddLink("", "absolute", "/etc");
        tree.AddLink("", "relative", "etc/");
        tree.AddLink("", "above", "../../etc");
        tree.AddLink("", "loop", "loop");
        tree.AddLink("", "dangling", "nowhere");
        return tree;
    }

    private TreeCopy Copy(MemoryTree tree, out string target)
    {
        target = folder.At("copy");
        var copy = new TreeCopy(tree, owners: false, CancellationToken.None);
        copy.Copy(tree.Root, "", target);
        return copy;
    }

    /// <summary>A tree that says whatever it is told to.</summary>
    private sealed class MemoryTree : Tidemark.Engine.Files.FileTree
    {
        private static readonly FileTime Time = new(1_000_000, 0);
        private readonly Dictionary<string, List<FileEntry>> folders = new() { [""] = [] };
        private readonly Dictionary<string, string> contents = [];
        private readonly HashSet<string> failing = [];

        public override FileEntry Root { get; } = new("", "", FileKind.Folder, 0, 0x1ED, 0, 0, Time, Time);

        public override string Reader => "memory";

        public void AddFolder(string parent, string name)
        {
            Add(parent, new FileEntry(name, name, FileKind.Folder, 0, 0x1ED, 0, 0, Time, Time));
            folders[name] = [];
        }

        public void AddFile(string parent, string name, string content) =>
            Add(parent, new FileEntry(name, name, FileKind.File, content.Length, 0x120, 0, 0, Time, Time), content);

        public void AddLink(string parent, string name, string target) =>
            Add(parent, new FileEntry(name, name, FileKind.Link, target.Length, 0x1FF, 0, 0, Time, Time, null, target));

        public void Add(string parent, FileEntry entry, string content = "")
        {
            folders[parent].Add(entry);
            contents[entry.Handle] = content;
        }

        public void Fail(string name) => failing.Add(name);

        public override IEnumerable<FileEntry> List(FileEntry folder, CancellationToken cancellation) => folders[folder.Handle];

        public override void Read(FileEntry file, Stream target, CancellationToken cancellation)
        {
            if (failing.Contains(file.Handle))
            {
                throw new TidemarkException(TidemarkError.Damaged, "It can't be read.");
            }

            target.Write(Encoding.UTF8.GetBytes(contents[file.Handle]));
        }
    }
}
