using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What is refused before something is destroyed, what is warned of, and what can't be read.</summary>
[DiffersBySystem]
public sealed class TargetTests : IDisposable
{
    private const int Size = 8 << 20;
    private readonly TempFolder folder = new("targets");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_that_is_there_and_the_source_itself_are_refused_without_force()
    {
        var source = Cli.Noise(folder, "source", 100_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var other = Cli.Noise(folder, "other", 50_000, 2);
        var hash = FileTree.Hash(other);
        Assert.Contains("--force", TidemarkCli.Run("restore", chain, other, "--json").Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
        Assert.Contains("is the source", TidemarkCli.Run("restore", chain, source, "--json").Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
        TidemarkCli.Run("restore", chain, folder.Path, "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Equal(hash, FileTree.Hash(other));
        TidemarkCli.Run("restore", chain, other, "--force").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(other));
    }

    [Fact]
    public void A_device_that_is_mounted_or_smaller_is_refused_even_with_force()
    {
        Mount.Require("ext4");
        var source = Cli.Noise(folder, "source", Size);
        var chain = Cli.Backup(source, folder.At("store"), "--compress", "none").Text("chain");
        using var small = LoopDevice.Attach(folder.Sparse("small", Size - 512));
        var message = TidemarkCli.Run("restore", chain, small, "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("doesn't fit", message, StringComparison.Ordinal);

        using var used = LoopDevice.Attach(folder.Sparse("used", Size));
        FileSystemMaker.Make(used, "ext4");
        using (Mount.Of(used, folder.Folder("mounted"), "ext4"))
        {
            message = TidemarkCli.Run("restore", chain, used, "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains("is mounted", message, StringComparison.Ordinal);
        }

        TidemarkCli.Run("restore", chain, used, "--json").Refused(Cli.WrongUse, "wrongUse");
        TidemarkCli.Run("restore", chain, used, "--force").Succeeded();
        used.Flush();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("used")));
    }

    [Fact]
    public void A_source_that_is_mounted_read_write_is_imaged_with_a_warning()
    {
        Mount.Require("ext4");
        using var device = LoopDevice.Attach(folder.Sparse("disk", Size));
        FileSystemMaker.Make(device, "ext4");
        using (Mount.Of(device, folder.Folder("mounted"), "ext4"))
        {
            var json = TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--json").Succeeded();
            var warning = Assert.Single(json.Events, e => e.Text("event") == "warning");
            Assert.Contains("mounted read-write", warning.Text("message"), StringComparison.Ordinal);
            Assert.Empty(json.Error);
            var plain = TidemarkCli.Run("backup", device, "--to", folder.At("store")).Succeeded();
            Assert.Contains("tidemark: warning: ", plain.Error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(
            TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--json").Succeeded().Events,
            e => e.Text("event") == "warning");
        var listed = TidemarkCli.Run("sources", "--json").Result.GetProperty("sources").EnumerateArray()
            .Single(s => s.Text("path") == device.Path);
        Assert.Equal("ext4", listed.Text("fileSystem"));
        Assert.Contains(device.Path, TidemarkCli.Run("sources").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_sectors_end_with_3_and_are_named()
    {
        Root.Require();
        Tool.Require("nbdkit", "nbdfuse", "umount");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = Cli.Noise(folder, "disk", Size);
        File.WriteAllText(
            folder.At("map"), "# Mapfile.\n0x0 + 1\n0x00000000 0x00100000 +\n0x00100000 0x00010000 -\n0x00110000 0x006F0000 +\n");
        const int Bad = 0x10000;
        string chain;
        using (var bad = FailingFile.Serve(folder, disk, map: folder.At("map")))
        {
            var result = TidemarkCli.Run("backup", bad.Path, "--to", folder.At("store"), "--json", "--request-size", "1M");
            result.EndedWith(Cli.Unreadable);
            Assert.Equal(Bad, result.Result.Number("unreadableBytes"));
            Assert.Equal(Bad, result.Result.GetProperty("unreadable").EnumerateArray().Sum(r => r.Number("length")));
            chain = result.Result.Text("chain");
            var restored = TidemarkCli.Run("restore", chain, folder.At("target"), "--json").EndedWith(Cli.Unreadable).Result;
            Assert.Equal(Bad, restored.Number("unreadableBytes"));
            Assert.Contains(
                $"{1 << 20} to", TidemarkCli.Run("restore", chain, folder.At("none"), "--unreadable", "fail", "--json").Refused(Cli.Failed, "failed"),
                StringComparison.Ordinal);
            Assert.False(File.Exists(folder.At("none")));
        }

        using var well = FailingFile.Serve(folder, disk);
        var again = TidemarkCli.Run("backup", well.Path, "--to", chain, "--adopt", "--json").Succeeded().Result;
        Assert.Equal((0L, 2L), (again.Number("unreadableBytes"), again.Number("sequence")));
        TidemarkCli.Run("restore", chain, folder.At("whole"), "--unreadable", "fail").Succeeded();
        Assert.Equal(FileTree.Hash(disk), FileTree.Hash(folder.At("whole")));
    }

    [Fact]
    public void A_source_of_which_nothing_can_be_read_becomes_no_image()
    {
        Root.Require();
        Tool.Require("nbdkit", "nbdfuse", "umount");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        using var bad = FailingFile.Serve(folder, Cli.Noise(folder, "disk", Size));
        File.WriteAllText(bad.Flag, "");
        // Not even what tells a virtual disk from a raw one.
        var message = TidemarkCli.Run("backup", bad.Path, "--to", folder.At("store"), "--json").Refused(Cli.Failed, "failed");
        Assert.Contains("is gone", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.At("store"), "*.tdi", SearchOption.AllDirectories));
    }
}
