using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Serving;

/// <summary>Exports of other NBD servers as sources and targets.</summary>
public sealed class NbdSourceTests : IDisposable
{
    private const int Length = 16 << 20;

    private readonly TempFolder folder = new("nbd");
    private readonly string disk;
    private readonly string uri;

    public NbdSourceTests()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-img", "qemu-nbd", "nbdkit", "cmp");
        disk = folder.Sparse("disk", Length);
        var random = Seed.Random();
        for (var i = 0; i < 20; i++)
        {
            Overwrite(disk, random.Next(Length - 300_000), random.Next(1, 300_000), random.Next());
        }

        uri = $"nbd+unix:///?socket={folder.At("s")}";
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_qcow2_is_imaged_through_qemu_nbd_and_only_what_it_stores_is_read()
    {
        Tool.Run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk, folder.At("disk.qcow2"));
        string chain;
        using (Serve("qemu-nbd", "--read-only", "--persistent", "--format=qcow2", "--socket", folder.At("s"), folder.At("disk.qcow2")))
        {
            var first = Backup(uri, folder.At("store"), "--chain", "machine");
            chain = first.Text("chain");
            Assert.Equal(Length, first.Number("sourceBytes"));
            Assert.Equal("nbd", first.Text("reader"));
            Assert.True(first.Number("readBytes") < Length * 3L / 4, $"{first.Number("readBytes")} bytes were read");
            Assert.Equal(0, Backup(uri, folder.At("store"), "--chain", "machine").Number("changedBlocks"));
            Assert.Equal(0, TidemarkCli.Run("verify", chain, "--against", uri, "--json").Succeeded().Result.Number("differentBytes"));
        }

        TidemarkCli.Run("restore", chain, folder.At("restored")).Succeeded();
        Tool.Run("cmp", folder.At("restored"), disk);
        var gone = TidemarkCli.Run("backup", uri, "--to", folder.At("store"), "--json").Refused(Failed, "failed");
        Assert.Contains("can't be reached", gone, StringComparison.Ordinal);
    }

    [Fact]
    public void A_point_comes_back_onto_an_export()
    {
        var chain = Backup(disk, folder.At("store")).Text("chain");
        Overwrite(disk, 100_000, 50_000, 7);
        Backup(disk, folder.At("store"));
        var target = folder.Sparse("target", Length + 4096);
        using (Serve("nbdkit", "-f", "--unix", folder.At("s"), "file", target))
        {
            TidemarkCli.Run("restore", $"{chain}@1", uri).Succeeded();
            var delta = TidemarkCli.Run("restore", $"{chain}@2", uri, "--delta", "--force", "--json").Succeeded().Result;
            Assert.InRange(delta.Number("writtenBytes"), 50_000, 2 << 20);
            TidemarkCli.Run("verify", $"{chain}@2", "--against", uri);
        }

        Tool.Run("cmp", FormattableString.Invariant($"--bytes={Length}"), target, disk);
    }

    [Fact]
    public void Targets_that_are_read_only_too_small_or_unknown_are_refused()
    {
        var chain = Backup(disk, folder.At("store")).Text("chain");
        using (Serve("nbdkit", "-f", "--unix", folder.At("s"), "--readonly", "memory", "size=16M"))
        {
            Assert.Contains(
                "can only be read", TidemarkCli.Run("restore", chain, uri, "--json").Refused(Failed, "failed"), StringComparison.Ordinal);
        }

        using (Serve("nbdkit", "-f", "--unix", folder.At("s"), "memory", "size=8M"))
        {
            TidemarkCli.Run("restore", chain, uri, "--json").Refused(WrongUse, "wrongUse");
        }

        TidemarkCli.Run("backup", "nbd:unix:/x", "--to", folder.At("store"), "--json").Refused(WrongUse, "wrongUse");
    }

    [Fact]
    public void Unreadable_sectors_of_an_export_are_bisected()
    {
        using (Serve(
            "nbdkit", "-f", "--unix", folder.At("s"), "--filter=ddrescue", "file", disk, $"ddrescue-mapfile={MapFile()}"))
        {
            var result = TidemarkCli.Run("backup", uri, "--to", folder.At("store"), "--json").EndedWith(Unreadable).Result;
            Assert.Equal(1024, result.Number("unreadableBytes"));
        }
    }

    private string MapFile()
    {
        File.WriteAllText(
            folder.At("map"),
            "# Mapfile.\n0x0 + 1\n0x00000000 0x00100000 +\n0x00100000 0x00000400 -\n0x00100400 0x00EFFC00 +\n");
        Overwrite(disk, 1 << 20, 8192, 5);
        return folder.At("map");
    }

    private BackgroundTool Serve(string name, params string[] arguments)
    {
        File.Delete(folder.At("s"));
        return BackgroundTool.StartAt(folder.At("s"), name, arguments);
    }
}
