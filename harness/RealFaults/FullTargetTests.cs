using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>A target without room, or one that can't be written, is the target's error and leaves nothing cut.</summary>
[Case("3.17")]
public sealed class FullTargetTests : IDisposable
{
    private const int Size = 8 << 20;
    private readonly TempFolder folder = new("full");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_restore_or_export_to_a_full_disk_ends_with_1_and_leaves_no_file()
    {
        Root.Require();
        var chain = TestCli.Backup(TestCli.Noise(folder, "source", Size), folder.At("store")).Text("chain");
        var small = folder.Folder("small");
        Tool.Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small);
        try
        {
            foreach (var verb in new string[][] { ["restore", chain, $"{small}/out"], ["export", chain, $"{small}/out", "--format", "raw"], ["export", chain, $"{small}/out", "--format", "qcow2"] })
            {
                Assert.Contains("No space left", TidemarkCli.Run([.. verb, "--json"]).Refused(TestCli.Failed, "failed"), StringComparison.Ordinal);
                Assert.Empty(Directory.GetFileSystemEntries(small));
            }

            Tool.Run("mount", "-o", "remount,ro", small);
            Assert.Contains("read-only", TidemarkCli.Run("restore", chain, $"{small}/out", "--json").Refused(TestCli.Failed, "failed"), StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            Tool.Run("umount", small);
        }
    }

    [Fact]
    public void Files_that_find_no_room_are_the_targets_and_are_not_left_cut()
    {
        Mount.Require("ext4");
        Tool.Require("mkfs.ext4", "nbdfuse");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var files = folder.Folder("files");
        TestCli.Noise(folder, Path.Combine("files", "a-small"), 1000);
        TestCli.Noise(folder, Path.Combine("files", "b-large"), 4 << 20);
        TestCli.Noise(folder, Path.Combine("files", "c-small"), 1000);
        var disk = folder.Sparse("disk", 32 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", files, disk);
        var chain = TestCli.Backup(disk, folder.At("store")).Text("chain");
        var small = folder.Folder("small");
        Tool.Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small);
        try
        {
            var result = TidemarkCli.Run("extract", chain, "/a-small", "/b-large", "/c-small", "--to", Path.Combine(small, "to"), "--json").EndedWith(TestCli.Failed).Result;
            var problem = Assert.Single(result.GetProperty("problems").EnumerateArray());
            Assert.Contains("can't be written", problem.Text("message"), StringComparison.Ordinal);
            Assert.Contains("No space left", problem.Text("message"), StringComparison.Ordinal);
            Assert.Equal(["a-small", "c-small"], Directory.GetFiles(Path.Combine(small, "to")).Select(path => Path.GetFileName(path)).Order());
        }
        finally
        {
            Tool.Run("umount", small);
        }
    }
}
