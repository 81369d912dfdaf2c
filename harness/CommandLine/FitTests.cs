using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Whole disks restored to disks of another size or sector, judged by sgdisk, sfdisk and the file systems' checkers.</summary>
[DiffersBySystem]
public sealed class FitTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const long DiskSize = 48L * MiB;
    private const int FirstAt = MiB;
    private const int FirstSize = 16 * MiB;
    private const int SecondAt = 20 * MiB;
    private const int SecondSize = 8 * MiB;

    private readonly TempFolder folder = new("fit");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_larger_disk_gets_the_copy_of_its_table_at_its_own_end()
    {
        var source = GptDisk();
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");

        // The copy's new place overlaps the old one, lies just behind it, and is far away.
        foreach (var more in new[] { 8 * 512, 33 * 512, 16 * MiB })
        {
            var file = folder.Sparse($"larger{more}", DiskSize + more);
            using (var target = LoopDevice.Attach(file))
            {
                var result = TidemarkCli.Run("restore", chain, target, "--json").Succeeded().Result;
                Assert.Equal(DiskSize + more, result.Number("targetBytes"));
                Assert.Contains("moved to the target's end", result.GetProperty("fitted")[0].GetString(), StringComparison.Ordinal);
                AssertTable(target);
                AssertFileSystems(target, FirstAt, SecondAt);
            }

            AssertPartitionsEqual(source, file);
            var end = File.ReadAllBytes(file).AsSpan((int)DiskSize - (33 * 512), 33 * 512);
            if (more > 33 * 512)
            {
                Assert.Equal(-1, end.IndexOfAnyExcept((byte)0));
            }
        }
    }

    [Fact]
    public void A_smaller_disk_needs_consent_and_room_for_every_partition()
    {
        var source = GptDisk();
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        const int need = SecondAt + SecondSize + (33 * 512);
        using (var small = LoopDevice.Attach(folder.Sparse("small", need - 512)))
        {
            var message = TidemarkCli.Run("restore", chain, small, "--fit", "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains($"partition 2 ends at byte {SecondAt + SecondSize}", message, StringComparison.Ordinal);
            Assert.Contains($"at least {need} bytes", message, StringComparison.Ordinal);
        }

        var file = folder.Sparse("enough", need);
        using (var enough = LoopDevice.Attach(file))
        {
            var message = TidemarkCli.Run("restore", chain, enough, "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains("--fit", message, StringComparison.Ordinal);
            TidemarkCli.Run("restore", chain, enough, "--as-is", "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOfAnyExcept((byte)0));

            var result = TidemarkCli.Run("restore", chain, enough, "--fit", "--json").Succeeded().Result;
            Assert.Equal(need, result.Number("sourceBytes"));
            Assert.Contains($"bytes {need} to {DiskSize}", result.GetProperty("fitted")[0].GetString(), StringComparison.Ordinal);
            AssertTable(enough);
            AssertFileSystems(enough, FirstAt, SecondAt);

            // Again onto itself: what the table of the image and the fitted one differ in is all that is written.
            result = TidemarkCli.Run("restore", chain, enough, "--fit", "--delta", "--force", "--json").Succeeded().Result;
            Assert.InRange(result.Number("writtenBytes"), 4096, 16 * 4096);
            AssertTable(enough);
        }

        AssertPartitionsEqual(source, file);
    }

    [Fact]
    public void As_is_copies_the_bytes_alone()
    {
        var source = GptDisk();
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var file = folder.Sparse("larger", DiskSize + MiB);
        using (var target = LoopDevice.Attach(file))
        {
            var result = TidemarkCli.Run("restore", chain, target, "--as-is", "--json").Succeeded().Result;
            Assert.Equal(0, result.GetProperty("fitted").GetArrayLength());
        }

        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(file)[..(int)DiskSize]);
    }

    [Fact]
    public void An_mbr_disk_fits_where_its_partitions_do()
    {
        Root.Require();
        Tool.Require("sfdisk");
        var source = folder.Sparse("mbr", DiskSize);
        Tool.Start(
            "sfdisk", ["--quiet", source], Patience.Limit,
            "label: dos\nlabel-id: 0x1badf00d\nstart=2048, size=16384, type=83\nstart=20480, size=24576, type=5\nstart=22528, size=8192, type=83\n").Succeeded();
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        const int need = (20480 + 24576) * 512;
        using (var small = LoopDevice.Attach(folder.Sparse("small", need - 512)))
        {
            var message = TidemarkCli.Run("restore", chain, small, "--fit", "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains($"at least {need} bytes", message, StringComparison.Ordinal);
        }

        using var enough = LoopDevice.Attach(folder.Sparse("enough", need));
        TidemarkCli.Run("restore", chain, enough, "--fit").Succeeded();
        Assert.Contains("No errors detected", Tool.Run("sfdisk", "--verify", enough).Output, StringComparison.Ordinal);
        using var wide = LoopDevice.Attach(folder.Sparse("wide", DiskSize), sectorSize: 4096);
        Assert.Contains(
            "counts sectors of 512", TidemarkCli.Run("restore", chain, wide, "--json").Refused(Cli.WrongUse, "wrongUse"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(512, 4096)]
    [InlineData(4096, 512)]
    public void A_disk_goes_to_one_with_another_sector_where_its_file_systems_can(int from, int to)
    {
        var source = GptDisk(from);
        using (var device = LoopDevice.Attach(source, from))
        {
            Cli.Backup(device, folder.At("store"));
        }

        var chain = Directory.GetDirectories(folder.At("store")).Single();
        var file = folder.Sparse("target", DiskSize + (4 * MiB));
        using (var target = LoopDevice.Attach(file, to))
        {
            var result = TidemarkCli.Run("restore", chain, target, "--json").Succeeded().Result;
            Assert.Contains($"for sectors of {to} bytes", result.GetProperty("fitted")[0].GetString(), StringComparison.Ordinal);
            AssertTable(target);
            var listed = Tool.Run("sfdisk", "--dump", target).Output;
            Assert.Contains($"start={FirstAt / to,12}, size={FirstSize / to,12}", listed, StringComparison.Ordinal);
            Assert.Contains("name=\"second\"", listed, StringComparison.Ordinal);
            AssertFileSystems(target, FirstAt, SecondAt);
        }

        AssertPartitionsEqual(source, file);
    }

    [Fact]
    public void What_would_not_work_with_the_targets_sector_is_refused_and_named()
    {
        Root.Require();
        Tool.Require("mkfs.fat", "mkntfs", "sgdisk");
        using var wide = LoopDevice.Attach(folder.Sparse("wide", DiskSize), sectorSize: 4096);
        foreach (var (name, maker) in new[] { ("fat", "mkfs.fat"), ("ntfs", "mkntfs") })
        {
            var volume = folder.Sparse(name, 16 * MiB);
            Tool.Run(maker, maker == "mkntfs" ? ["--quick", "--quiet", "--force", volume] : [volume]);
            var chain = Cli.Backup(volume, folder.At("store")).Text("chain");
            var message = TidemarkCli.Run("restore", chain, wide, "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains($"{name}", message, StringComparison.Ordinal);
            Assert.Contains("has sectors of 512 bytes in its boot sector", message, StringComparison.Ordinal);
            Assert.Contains("--as-is", message, StringComparison.Ordinal);
        }

        var disk = folder.Sparse("odd", DiskSize);
        Tool.Run("sgdisk", "--set-alignment=1", "--new=1:2049:+8M", disk);
        var odd = Cli.Backup(disk, folder.At("store")).Text("chain");
        Assert.Contains(
            "Partition 1 doesn't begin and end at sectors of 4096",
            TidemarkCli.Run("restore", odd, wide, "--json").Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bare_file_system_is_never_cut()
    {
        Root.Require();
        var volume = folder.Sparse("volume", 16 * MiB);
        FileSystemMaker.Make(volume, "ext4");
        var chain = Cli.Backup(volume, folder.At("store")).Text("chain");
        using var small = LoopDevice.Attach(folder.Sparse("small", (16 * MiB) - 4096));
        var message = TidemarkCli.Run("restore", chain, small, "--fit", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("no partition table", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_forgets_the_old_partitions_and_a_mounted_one_is_refused()
    {
        Mount.Require("ext4");
        Tool.Require("partx");
        var source = GptDisk();
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var old = folder.Sparse("target", DiskSize + MiB);
        Tool.Run("sgdisk", "--new=1:4096:40000", old);
        using var target = LoopDevice.Attach(old, partitions: true);

        // A kernel may know no partition tables and has to be told then.
        var name = Path.GetFileName(target.Path);
        var size = $"/sys/block/{name}/{name}p1/size";
        if (!File.Exists(size))
        {
            Tool.Run("partx", "--add", target);
        }

        Assert.Equal($"{40000 - 4096 + 1}", File.ReadAllText(size).Trim());
        TidemarkCli.Run("restore", chain, target, "--force").Succeeded();
        if (File.Exists(size))
        {
            Assert.Equal($"{FirstSize / 512}", File.ReadAllText(size).Trim());
        }
        else
        {
            Tool.Run("partx", "--add", target);
        }

        var partition = $"{target.Path}p1";
        Assert.SkipUnless(File.Exists(partition), $"No device file appears for {partition}.");
        using (Mount.Of(partition, folder.Folder("mounted"), "ext4"))
        {
            Assert.Contains(
                "is mounted at", TidemarkCli.Run("restore", chain, target, "--force", "--json").Refused(Cli.WrongUse, "wrongUse"),
                StringComparison.Ordinal);
        }

        Tool.Run("partx", "--delete", target);
    }

    /// <summary>A disk with a GPT and two partitions of ext4, made at either sector.</summary>
    private string GptDisk(int sectorSize = 512)
    {
        Root.Require();
        Tool.Require("sgdisk", "sfdisk", "mkfs.ext4", "e2fsck");
        var file = folder.Sparse($"disk{sectorSize}", DiskSize);
        using (var device = LoopDevice.Attach(file, sectorSize))
        {
            Tool.Run(
                "sgdisk", "--set-alignment=1", $"--new=1:{FirstAt / sectorSize}:{((FirstAt + FirstSize) / sectorSize) - 1}", "--change-name=1:first",
                $"--new=2:{SecondAt / sectorSize}:{((SecondAt + SecondSize) / sectorSize) - 1}", "--change-name=2:second", device);
        }

        foreach (var (offset, size) in new[] { (FirstAt, FirstSize), (SecondAt, SecondSize) })
        {
            using var partition = LoopDevice.Attach(file, sectorSize, offset, size);
            Tool.Run("mkfs.ext4", "-q", "-F", "-b", "4096", partition);
        }

        return file;
    }

    private static void AssertTable(LoopDevice device)
    {
        var sgdisk = Tool.Run("sgdisk", "--verify", device).Output;
        Assert.Contains("No problems found", sgdisk, StringComparison.Ordinal);
        Assert.Contains("No errors detected", Tool.Run("sfdisk", "--verify", device).Output, StringComparison.Ordinal);
        Assert.Contains("Partition table scan:", Tool.Start("gdisk", ["-l", device], Patience.Limit).Output, StringComparison.Ordinal);
    }

    private static void AssertFileSystems(LoopDevice device, int first, int second)
    {
        device.Flush();
        FileSystemChecker.Check(device, first, FirstSize, "ext4");
        FileSystemChecker.Check(device, second, SecondSize, "ext4");
    }

    private static void AssertPartitionsEqual(string source, string target)
    {
        var (expected, actual) = (File.ReadAllBytes(source), File.ReadAllBytes(target));
        Assert.Equal(expected[FirstAt..(FirstAt + FirstSize)], actual[FirstAt..(FirstAt + FirstSize)]);
        Assert.Equal(expected[SecondAt..(SecondAt + SecondSize)], actual[SecondAt..(SecondAt + SecondSize)]);
    }
}
