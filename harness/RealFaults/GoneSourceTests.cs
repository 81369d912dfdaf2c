using System.Diagnostics;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>Sources that go away while they are read: servers that are killed, files that are cut behind a device, dead FUSE.</summary>
[Case("4.1")]
public sealed class GoneSourceTests : IDisposable
{
    private const int SourceBytes = 24 << 20;

    private readonly TempFolder place = new("gone");
    private readonly string disk;
    private readonly string uri;

    public GoneSourceTests()
    {
        OnlyOn.Linux();
        disk = TestCli.Noise(place, "disk", SourceBytes, Seed.Random().Next());
        uri = $"nbd+unix:///?socket={place.At("s")}";
    }

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(900)]
    public void A_server_that_is_killed_is_no_bad_sector(int delay)
    {
        Tool.Require("nbdkit");
        string chain;
        using (Serve("nbdkit", "-f", "--unix", place.At("s"), "file", disk))
        {
            chain = TestCli.Backup(uri, place.At("store"), "--chain", "export").Text("chain");
        }

        RunningCli run;
        using (Serve("nbdkit", "-f", "--unix", place.At("s"), "file", disk))
        {
            run = RunningCli.Start("backup", uri, "--to", place.At("store"), "--chain", "export", "--json", "--max-rate", "12M");
            WaitForImage(run, chain);
            Thread.Sleep(delay);
        }

        using (run)
        {
            RequireGone(run.End(), uri, chain, images: 1);
        }

        TidemarkCli.Run("restore", chain, place.At("restored")).Succeeded();
        Assert.Equal(FileTree.Hash(disk), FileTree.Hash(place.At("restored")));
    }

    [Fact]
    public void A_server_that_fails_everything_from_some_moment_on_is_gone_and_one_that_recovers_is_not()
    {
        Tool.Require("nbdkit");
        var flag = place.At("flag");
        using var server = Serve(
            "nbdkit", "-f", "--unix", place.At("s"), "--filter=error", "file", disk, "error-pread-rate=100%", $"error-file={flag}");
        var chain = TestCli.Backup(uri, place.At("store"), "--chain", "export").Text("chain");
        using (var run = RunningCli.Start("backup", uri, "--to", place.At("store"), "--chain", "export", "--json", "--max-rate", "24M"))
        {
            WaitForImage(run, chain);
            File.WriteAllText(flag, "");
            RequireGone(run.End(), uri, chain, images: 1);
        }

        // What compares and heals says so too, and doesn't take it for other content.
        var compared = TidemarkCli.Run("verify", chain, "--against", uri, "--json");
        Assert.NotEqual(TestCli.Done, compared.ExitCode);
        Assert.Equal("error", compared.Last.Text("event"));
        File.Delete(flag);
        TidemarkCli.Run("verify", chain, "--against", uri).Succeeded();
        Assert.Equal(0, TestCli.Backup(uri, place.At("store"), "--chain", "export").Number("changedBlocks"));
    }

    [Fact]
    public void A_file_that_is_cut_behind_a_loop_device_ends_the_run()
    {
        Root.Require();
        Tool.Require("losetup");
        using var loop = LoopDevice.Attach(disk);
        var chain = TestCli.Backup(loop, place.At("store"), "--chain", "loop").Text("chain");
        using var run = RunningCli.Start("backup", loop, "--to", place.At("store"), "--chain", "loop", "--json", "--max-rate", "24M");
        WaitForImage(run, chain);
        using (var file = new FileStream(disk, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(SourceBytes - (8 << 20));
        }

        var message = RequireGone(run.End(), loop, chain, images: 1);
        Assert.Contains("cut", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_behind_fuse_whose_server_fails_all_reads_ends_the_run()
    {
        Root.Require();
        Tool.Require("nbdkit", "nbdfuse", "umount");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        using var served = FailingFile.Serve(place, disk);
        var chain = TestCli.Backup(served.Path, place.At("store"), "--chain", "fuse").Text("chain");
        foreach (var kill in new[] { false, true })
        {
            using var run = RunningCli.Start("backup", served.Path, "--to", place.At("store"), "--chain", "fuse", "--json", "--max-rate", "24M");
            WaitForImage(run, chain);
            if (kill)
            {
                served.Kill();
            }
            else
            {
                File.WriteAllText(served.Flag, "");
            }

            RequireGone(run.End(), served.Path, chain, images: 1);
            File.Delete(served.Flag);
        }
    }

    [Fact]
    public void An_import_whose_reader_dies_commits_nothing()
    {
        Tool.Require("qemu-img", "qemu-nbd");
        Tool.Run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk, place.At("disk.qcow2"));
        using var run = RunningCli.Start("import", place.At("disk.qcow2"), "--to", place.At("store"), "--chain", "vm", "--json", "--max-rate", "24M");
        WaitForImage(run, place.At("store"));
        foreach (var process in Process.GetProcessesByName("qemu-nbd"))
        {
            // Others may run beside this test; ours is the run's child.
            if (File.ReadAllText($"/proc/{process.Id}/stat").Split(' ')[3] == $"{run.Id}")
            {
                process.Kill();
            }

            process.Dispose();
        }

        RequireGone(run.End(), place.At("disk.qcow2"), place.At("store"), images: 0);
    }

    [Fact]
    public void More_bad_sectors_than_allowed_commit_nothing_and_fewer_do()
    {
        Tool.Require("nbdkit");
        File.WriteAllText(
            place.At("map"), "# Mapfile.\n0x0 + 1\n0x00000000 0x00100000 +\n0x00100000 0x00010000 -\n0x00110000 0x016F0000 +\n");
        using var server = Serve("nbdkit", "-f", "--unix", place.At("s"), "--filter=ddrescue", "file", disk, $"ddrescue-mapfile={place.At("map")}");
        string[] backup = ["backup", uri, "--to", place.At("store"), "--chain", "export", "--json"];
        foreach (var few in new[] { "0", "63K", "65535" })
        {
            var message = TidemarkCli.Run([.. backup, "--max-unreadable", few]).Refused(TestCli.Failed, "failed");
            Assert.Contains("--max-unreadable", message, StringComparison.Ordinal);
            Assert.Empty(Images(place.At("store")));
        }

        TidemarkCli.Run([.. backup, "--max-unreadable", "64K"]).EndedWith(TestCli.Unreadable);
        var result = TidemarkCli.Run(backup).EndedWith(TestCli.Unreadable).Result;
        Assert.Equal(64 << 10, result.Number("unreadableBytes"));
        Assert.Equal(2, Images(place.At("store")).Count);
    }

    private static string RequireGone(CliResult result, string source, string chain, int images)
    {
        var message = result.Refused(TestCli.Failed, "failed");
        Assert.Contains(source, message, StringComparison.Ordinal);
        Assert.Contains("is gone", message, StringComparison.Ordinal);
        Assert.Equal(images, Images(chain).Count);
        return message;
    }

    private static List<string> Images(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.GetFiles(folder, "*.tdi*", SearchOption.AllDirectories)];

    /// <summary>Waits until the run writes its image, and so reads its source.</summary>
    private static void WaitForImage(RunningCli run, string folder)
    {
        while (!Directory.Exists(folder) || Directory.GetFiles(folder, "*.tmp", SearchOption.AllDirectories).Length == 0)
        {
            Assert.False(run.HasEnded, "the run ended before its source went");
            Thread.Sleep(10);
        }
    }

    private BackgroundTool Serve(string name, params string[] arguments)
    {
        File.Delete(place.At("s"));
        return BackgroundTool.StartAt(place.At("s"), name, arguments);
    }
}
