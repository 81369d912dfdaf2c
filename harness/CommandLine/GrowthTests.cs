using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What was restored to a larger device says how all of it comes into use, in commands that work.</summary>
[DiffersBySystem]
[Case("5.11")]
public sealed partial class GrowthTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const long DiskSize = 64L * MiB;
    private const long LargerSize = 160L * MiB;
    private const int PartitionAt = 8 * MiB;

    private readonly TempFolder folder = new("growth");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gpt")]
    [InlineData("dos")]
    public void The_commands_grow_the_last_partition_and_its_file_system(string label)
    {
        Tool.Require("sfdisk", "e2fsck", "resize2fs");
        Mount.Require("ext4");
        var source = folder.Sparse("disk", DiskSize);
        Partition(source, label);
        using (var part = LoopDevice.Attach(source, offset: PartitionAt, size: 32 * MiB))
        {
            FileSystemMaker.Make(part, "ext4");
        }

        var larger = folder.Sparse("larger", LargerSize);
        var (grow, resize) = Commands(Restored(source, larger, out var target));
        using (target)
        {
            Tool.Run("sh", "-c", grow);
        }

        // What the kernel would call the disk's second partition is a device of its own here.
        using var grown = LoopDevice.Attach(larger, offset: PartitionAt);
        var name = $"{target.Path}p2";
        Assert.Contains(name, resize, StringComparison.Ordinal);
        Tool.Run("sh", "-c", resize.Replace(name, grown.Path, StringComparison.Ordinal));
        using var mount = Mount.Of(grown, folder.Folder("mounted"), "ext4");
        Assert.InRange(new DriveInfo(mount.Folder).TotalSize, LargerSize / 2, LargerSize);
    }

    [Fact]
    public void A_volume_without_a_table_is_grown_by_its_own_tool()
    {
        Tool.Require("e2fsck", "resize2fs");
        Mount.Require("ext4");
        var source = folder.Sparse("volume", 32 * MiB);
        FileSystemMaker.Make(source, "ext4");
        var note = Restored(source, folder.Sparse("larger", LargerSize), out var target);
        using (target)
        {
            var (_, resize) = Commands(note);
            Tool.Run("sh", "-c", resize);
            using var mount = Mount.Of(target, folder.Folder("mounted"), "ext4");
            Assert.InRange(new DriveInfo(mount.Folder).TotalSize, LargerSize / 2, LargerSize);
        }
    }

    [Fact]
    public void Where_nothing_grows_nothing_is_said()
    {
        Root.Require();
        var source = folder.Sparse("volume", 32 * MiB);
        FileSystemMaker.Make(source, "ext4");
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        foreach (var more in new[] { 0, 64 * 1024 })
        {
            using var target = LoopDevice.Attach(folder.Sparse($"target{more}", (32 * MiB) + more));
            var notes = TidemarkCli.Run("restore", chain, target, "--json").Succeeded().Result.GetProperty("notes");
            Assert.DoesNotContain(notes.EnumerateArray(), note => note.GetString()!.Contains("grow", StringComparison.Ordinal));
        }
    }

    private string Restored(string source, string file, out LoopDevice target)
    {
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        target = LoopDevice.Attach(file);
        return TidemarkCli.Run("restore", chain, target, "--json").Succeeded().Result.GetProperty("notes")
            .EnumerateArray().Select(note => note.GetString()!).Single(note => note.Contains("To grow", StringComparison.Ordinal));
    }

    /// <summary>The commands of a note: for the partition, which may be none, and for the file system.</summary>
    private static (string Grow, string Resize) Commands(string note)
    {
        var match = Command().Match(note);
        Assert.True(match.Success, note);
        return (match.Groups["grow"].Value, match.Groups["resize"].Value);
    }

    private static void Partition(string file, string label) => Tool.Run(
        "sh", "-c", $"printf 'label: {label}\\nstart=2048, size=8192\\nstart={PartitionAt / 512}, size={32 * MiB / 512}\\n' | sfdisk --quiet '{file}'");

    [GeneratedRegex(@"(To grow it: (?<grow>.*?)\. )?To grow the file system: (?<resize>[^.]*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Command();
}
