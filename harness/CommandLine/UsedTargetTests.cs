using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Devices that hold something are overwritten with consent only, and blank ones without a word.</summary>
[DiffersBySystem]
[Case("1.2")]
public sealed class UsedTargetTests : IDisposable
{
    private const int Size = 8 << 20;
    private readonly TempFolder folder = new("used");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_used_device_is_refused_in_every_mode_and_a_blank_one_needs_no_force()
    {
        Root.Require();
        var chain = Chain();
        var file = folder.Sparse("disk", Size);
        using var device = LoopDevice.Attach(file);
        using (var end = new FileStream(file, FileMode.Open, FileAccess.Write))
        {
            end.Position = Size - 1024;
            end.Write("Intel Raid ISM Cfg Sig. 1.3.00"u8);
        }

        device.Flush();
        foreach (var more in new string[][] { [], ["--delta"], ["--resume"] })
        {
            var message = TidemarkCli.Run(["restore", chain, device, .. more, "--json"]).Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains($"Intel RAID (IMSM) record at byte {Size - 1024}", message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(file, new byte[Size]);
        device.Flush();
        TidemarkCli.Run("restore", chain, device).Succeeded();
    }

    [Fact]
    public void Random_bytes_and_what_was_cleared_in_part_need_force()
    {
        Root.Require();
        Tool.Require("mkfs.f2fs", "mkfs.ext4");
        var chain = Chain();
        const long large = 64L << 20;
        var file = folder.Sparse("disk", large);
        using var device = LoopDevice.Attach(file);

        Refused("isn't recognised", () => Cli.Overwrite(file, large - 700, 100, 1));
        Refused("F2FS", () => Tool.Run("mkfs.f2fs", "-q", "-f", device));
        Refused(
            "copy of the superblock of ext4",
            () =>
            {
                Tool.Run("mkfs.ext4", "-q", "-F", "-b", "1024", device);
                device.Flush();
                using var first = new FileStream(file, FileMode.Open, FileAccess.Write);
                first.Write(new byte[4096]);
            });
        TidemarkCli.Run("restore", chain, device, "--force").Succeeded();

        void Refused(string what, Action make)
        {
            Tool.Run("blkdiscard", "-z", device);
            device.Flush();
            make();
            device.Flush();
            var before = FileTree.Hash(file);
            var message = TidemarkCli.Run("restore", chain, device, "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains(what, message, StringComparison.Ordinal);
            Assert.Contains("--force", message, StringComparison.Ordinal);
            Assert.Equal(before, FileTree.Hash(file));
        }
    }

    [Fact]
    public void A_place_that_cannot_be_read_needs_force_and_is_named()
    {
        Root.Require();
        Tool.Require("nbdkit");
        var chain = Chain();
        var file = folder.Sparse("bad", Size);
        using var server = BackgroundTool.StartAt(
            folder.At("s"), "sh", "-c",
            $"exec nbdkit -f -U {folder.At("s")} --filter=error file {file} error-pread-rate=100% error-file={folder.At("flag")} 2>/dev/null");
        File.WriteAllText(folder.At("flag"), "");
        var message = TidemarkCli.Run("restore", chain, $"nbd+unix:///?socket={folder.At("s")}", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("can't be read", message, StringComparison.Ordinal);
        Assert.Contains("--force", message, StringComparison.Ordinal);
        Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void The_export_of_a_server_is_looked_at_as_a_device_is()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-nbd");
        var chain = Chain();
        var file = folder.Sparse("served", Size);
        Cli.Overwrite(file, Size - 600, 10, 1);
        using (Serve("a"))
        {
            Assert.Contains("isn't recognised", TidemarkCli.Run("restore", chain, Uri("a"), "--json").Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
        }

        File.WriteAllBytes(file, new byte[Size]);
        using (Serve("b"))
        {
            TidemarkCli.Run("restore", chain, Uri("b")).Succeeded();
        }

        Assert.Equal(FileTree.Hash(folder.At("source")), FileTree.Hash(file));

        BackgroundTool Serve(string name) =>
            BackgroundTool.StartAt(folder.At(name), "qemu-nbd", "-t", "-f", "raw", "-k", folder.At(name), file);

        string Uri(string name) => $"nbd+unix:///?socket={folder.At(name)}";
    }

    private string Chain() => Cli.Backup(Cli.Noise(folder, "source", Size), folder.At("store"), "--compress", "none").Text("chain");
}
