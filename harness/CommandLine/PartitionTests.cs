using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Single partitions of a disk's image: restored, exported and compared as if they were volumes.</summary>
[DiffersBySystem]
public sealed class PartitionTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const int Sector = 512;

    private readonly TempFolder folder = new("partition");

    public void Dispose() => folder.Dispose();

    /// <summary>Table as sfdisk reads it, and the partitions to look at: number, first sector, sectors.</summary>
    public static TheoryData<string, (int Number, int First, int Count)[]> Disks => new()
    {
        {
            "label: gpt\nstart=2048, size=6144\nstart=10240, size=10240, name=second\n",
            [(1, 2048, 6144), (2, 10240, 10240)]
        },

        // Begins and ends within blocks, as old tools had it; with logical partitions in an extended one.
        {
            "label: dos\nlabel-id: 0x11223344\nstart=63, size=4001, type=83\nstart=6144, size=20000, type=5\nstart=6207, size=3000, type=83\nstart=12288, size=4096, type=7\n",
            [(1, 63, 4001), (5, 6207, 3000), (6, 12288, 4096)]
        },
    };

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_partition_is_restored_exported_and_compared_alone(string table, (int Number, int First, int Count)[] partitions)
    {
        Tool.Require("sfdisk", "qemu-img");
        var disk = Cli.Noise(folder, "disk.img", 16 * MiB);
        Cli.Overwrite(disk, 0, Sector, 0);
        Tool.Start("sfdisk", ["--no-reread", "--wipe", "always", disk], Patience.Limit, table).Succeeded();
        var first = Cli.Backup(disk, folder.At("store"));
        Cli.Overwrite(disk, ((long)partitions[^1].First * Sector) + 70_000, 5000, 9);
        var chain = Cli.Backup(disk, folder.At("store")).Text("chain");
        var content = File.ReadAllBytes(disk);
        foreach (var (number, start, count) in partitions)
        {
            var expected = content.AsSpan(start * Sector, count * Sector).ToArray();
            var image = $"{chain}@2#{number}";
            var restored = folder.At($"{number}.restored");
            var result = TidemarkCli.Run("restore", image, restored, "--json").Succeeded().Result;
            Assert.Equal(expected.Length, result.Number("sourceBytes"));
            Assert.Equal(expected, File.ReadAllBytes(restored));

            var exported = folder.At($"{number}.qcow2");
            Assert.Equal(number, TidemarkCli.Run("export", $"{chain}#{number}", exported, "--json").Succeeded().Result.Number("partition"));
            Tool.Run("qemu-img", "check", exported);
            Tool.Run("qemu-img", "compare", "-s", "-f", "qcow2", "-F", "raw", exported, restored);
            CompareWithPartition(image, restored, start, count);
        }

        // The image before differs in the last partition alone.
        var last = partitions[^1].Number;
        TidemarkCli.Run("export", $"{first.At(1)}#{last}", folder.At("base.vhdx")).Succeeded();
        var child = TidemarkCli.Run("export", $"{chain}#{last}", folder.At("child.vhdx"), "--base", folder.At("base.vhdx"), "--json").Succeeded();
        Assert.InRange(child.Result.Number("writtenBytes"), 5000, 16_384);
        Assert.Contains(
            "isn't what was exported", TidemarkCli.Run(
                "export", $"{chain}#1", folder.At("other.vhdx"), "--base", folder.At("base.vhdx"), "--json").Refused(Cli.WrongUse, "wrongUse"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_goes_to_a_device_of_its_size_and_onto_an_older_copy()
    {
        Root.Require();
        Tool.Require("sfdisk", "mkfs.ext4", "e2fsck");
        var part = folder.Sparse("part", 8 * MiB);
        Tool.Run("mkfs.ext4", "-q", part);
        var disk = folder.Sparse("disk.img", 12 * MiB);
        Tool.Start("sfdisk", [disk], Patience.Limit, "label: gpt\nstart=2048, size=16384\n").Succeeded();
        Copy(part, disk, MiB);
        // What is overwritten is free.
        var first = Cli.Backup(disk, folder.At("store"), "--all-blocks");
        Cli.Overwrite(disk, 6 * MiB, 10_000, 3);
        var second = Cli.Backup(disk, folder.At("store"), "--all-blocks");
        var target = folder.Sparse("target", 8 * MiB);
        using (var device = LoopDevice.Attach(target))
        {
            TidemarkCli.Run("restore", $"{first.At(1)}#1", device).Succeeded();
            TidemarkCli.Run("verify", $"{first.At(1)}#1", "--against", device).Succeeded();
            Tool.Run("e2fsck", "-fn", device);
            var delta = TidemarkCli.Run("restore", $"{second.At(2)}#1", device, "--delta", "--force", "--json").Succeeded().Result;
            Assert.Equal(3 * 4096, delta.Number("writtenBytes"));
            TidemarkCli.Run("verify", $"{second.At(2)}#1", "--against", device).Succeeded();
            TidemarkCli.Run("verify", $"{first.At(1)}#1", "--against", device).EndedWith(Cli.Failed);
        }

        var content = File.ReadAllBytes(disk);
        Assert.Equal(content[MiB..(9 * MiB)], File.ReadAllBytes(target));
    }

    [Fact]
    public void What_is_no_partition_is_refused_by_name()
    {
        var plain = Cli.Backup(Cli.Noise(folder, "plain", 3 * MiB), folder.At("store")).Text("chain");
        Assert.Contains("no partition table", Refused("restore", $"{plain}#1", folder.At("x")), StringComparison.Ordinal);
        Assert.Contains("whole images", Refused("show", $"{plain}#1"), StringComparison.Ordinal);
        Assert.Contains("whole images", Refused("diff", $"{plain}#1", plain), StringComparison.Ordinal);
        Assert.Contains("whole images", Refused("verify", $"{plain}@1#1"), StringComparison.Ordinal);
        Tool.Require("sfdisk");
        var disk = Cli.Noise(folder, "disk", 4 * MiB, 0);
        Tool.Start("sfdisk", ["--wipe", "always", disk], Patience.Limit, "label: dos\nstart=2048, size=2048\n").Succeeded();
        var chain = Cli.Backup(disk, folder.At("store")).Text("chain");
        Assert.Contains("has no partition 2; it has 1", Refused("restore", $"{chain}#2", folder.At("x")), StringComparison.Ordinal);
        using (var cut = new FileStream(disk, FileMode.Open, FileAccess.Write))
        {
            cut.SetLength(3 * MiB / 2);
        }

        TidemarkCli.Run("backup", disk, "--to", folder.At("store")).Succeeded();
        TidemarkCli.Run("restore", $"{chain}@1#1", folder.At("whole")).Succeeded();
        Assert.Contains(
            "past the end", TidemarkCli.Run("restore", $"{chain}#1", folder.At("x"), "--json").Refused(Cli.Failed, "failed"), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.At("x")));
    }

    private static void CompareWithPartition(string image, string file, int start, int count)
    {
        string[] compare = ["verify", image, "--against", file, "--json"];
        if (start % 8 != 0 || count % 8 != 0)
        {
            // Its blocks aren't the chain's, which hashes can't get over.
            Assert.Contains("within a block", TidemarkCli.Run(compare).Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
            return;
        }

        Assert.Equal(0, TidemarkCli.Run(compare).Succeeded().Result.Number("differentBytes"));
        Cli.Flip(file, 12_345);
        var differs = TidemarkCli.Run(compare).EndedWith(Cli.Failed).Result;
        Assert.Equal(4096, differs.Number("differentBytes"));
        Assert.Equal(12_288, differs.GetProperty("differences")[0].Number("offset"));
    }

    private static void Copy(string from, string to, long offset)
    {
        using var target = new FileStream(to, FileMode.Open, FileAccess.Write);
        target.Position = offset;
        target.Write(File.ReadAllBytes(from));
    }

    private static string Refused(params string[] arguments) =>
        TidemarkCli.Run([.. arguments, "--json"]).Refused(Cli.WrongUse, "wrongUse");
}
