using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Self;

/// <summary>That the tests' own tools notice what goes wrong.</summary>
[DiffersBySystem]
public class ToolTests
{
    [Fact]
    public void A_tool_that_fails_fails_the_test_with_its_words()
    {
        Tool.Require("sh");
        var e = Assert.Throws<InvalidOperationException>(() => Tool.Run("sh", "-c", "echo said; echo complained >&2; exit 3"));
        Assert.Contains("said", e.Message, StringComparison.Ordinal);
        Assert.Contains("complained", e.Message, StringComparison.Ordinal);
        Assert.Contains("ended with 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tool_that_hangs_is_ended()
    {
        Tool.Require("sleep");
        Assert.Throws<TimeoutException>(() => Tool.Start("sleep", ["60"], TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public void A_tool_gets_its_input_and_its_environment()
    {
        Tool.Require("sh");
        var result = Tool.Start("sh", ["-c", "cat; echo $WORD"], Patience.Limit, "in ", new Dictionary<string, string?> { ["WORD"] = "out" });
        Assert.Equal("in out\n", result.Output);
    }

    [Fact]
    public void A_tree_is_the_same_by_the_same_random_source_and_every_difference_is_named()
    {
        using var one = new TempFolder();
        using var two = new TempFolder();
        FileTree.Write(one, new Random(1), 40, 500_000);
        FileTree.Write(two, new Random(1), 40, 500_000);
        var hashes = FileTree.Hashes(one);
        Assert.Equal(40, hashes.Count);
        FileTree.AssertSame(hashes, FileTree.Hashes(two));

        var victim = Path.Combine(two, hashes.Keys.First());
        File.AppendAllText(victim, "x");
        File.WriteAllText(two.At("foreign"), "x");
        var e = Assert.ThrowsAny<Exception>(() => FileTree.AssertSame(hashes, FileTree.Hashes(two)));
        Assert.Contains($"different: {hashes.Keys.First()}", e.Message, StringComparison.Ordinal);
        Assert.Contains("foreign: foreign", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ext4", 32)]
    [InlineData("xfs", 300)]
    [InlineData("btrfs", 128)]
    [InlineData("ntfs", 16)]
    [InlineData("exfat", 16)]
    [InlineData("fat32", 48)]
    public void A_mounted_file_system_keeps_what_is_changed_in_it(string fileSystem, int mebibytes)
    {
        Root.Require();
        Mount.Require(fileSystem);
        FileSystemChecker.Require(fileSystem);
        var random = Seed.Random();
        using var folder = new TempFolder();
        var image = folder.Sparse("disk", (long)mebibytes << 20);
        FileSystemMaker.Make(image, fileSystem);
        IReadOnlyDictionary<string, string> written;
        using (var mount = Mount.OfFile(image, 0, 0, folder.Folder("write"), fileSystem))
        {
            FileTree.Write(mount.Folder, random, 30, 2 << 20);
            Assert.NotEmpty(FileTree.Change(mount.Folder, random, 10));
            written = FileTree.Hashes(mount.Folder);
        }

        FileSystemChecker.Check(image, 0, 0, fileSystem);
        using var again = Mount.OfFile(image, 0, 0, folder.Folder("read"), fileSystem, readOnly: true);
        FileTree.AssertSame(written, FileTree.Hashes(again.Folder).Where(file => !file.Key.StartsWith("lost+found", StringComparison.Ordinal)).ToDictionary());
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_loop_device_has_the_sector_size_asked_for_and_is_gone_afterwards(int sectorSize)
    {
        Root.Require();
        using var folder = new TempFolder();
        var image = folder.Sparse("disk", 8 << 20);
        using (var loop = LoopDevice.Attach(image, sectorSize))
        {
            Assert.Equal($"{sectorSize}", Tool.Run("blockdev", "--getss", loop).Output.Trim());
            Assert.Equal($"{8 << 20}", Tool.Run("blockdev", "--getsize64", loop).Output.Trim());
        }

        Assert.Empty(Tool.Run("losetup", "--associated", image).Output);
    }

    [Fact]
    public void The_command_line_can_be_run()
    {
        var result = TidemarkCli.Run("--help");
        Assert.Equal(0, result.ExitCode);
    }
}
