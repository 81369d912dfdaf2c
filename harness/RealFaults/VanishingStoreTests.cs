using System.Diagnostics;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>A store that is gone in the midst of a backup: unmounted under it, or its disk pulled out.</summary>
public sealed class VanishingStoreTests : IDisposable
{
    private const int SourceBytes = 16 << 20;

    private static readonly string[] slowly = ["--max-rate", "12M"];

    private readonly TempFolder place = new("vanish");

    public void Dispose() => place.Dispose();

    [Fact]
    public void A_store_that_is_unmounted_under_a_run_is_a_clear_error_and_loses_nothing()
    {
        var random = Seed.Random();
        using var mount = SmallMount.Make(place, "ext4", 128 << 20);
        using var store = new StoreOnDisk(place, mount.Path, SourceBytes, random);
        store.Begin();
        var rounds = FaultRun.Rounds(2);
        var failed = 0;
        for (var round = 0; round < rounds; round++)
        {
            store.Change(0.9);
            using var run = RunningCli.Start(store.Arguments(slowly));
            store.AwaitImage(run);
            Thread.Sleep(random.Next(1000));
            Tool.Run("umount", "--lazy", mount.Path);
            var result = run.End();
            failed += Refusal(result) ? 1 : 0;
            Assert.Empty(Directory.GetFileSystemEntries(mount.Path));
            Tool.Run("mount", mount.Device, mount.Path);
            store.Check();
            if (store.Images > 3)
            {
                store.Renew();
            }
        }

        store.End();
        FaultRun.Tell($"store unmounted mid-run: {rounds} backups, {failed} ended with an error; {store.Compared} restores compared bit for bit");
    }

    [Fact]
    public void A_store_whose_disk_is_pulled_out_is_a_clear_error_and_its_chain_is_whole_when_it_is_back()
    {
        Root.Require();
        Tool.Require("nbdkit", "nbdfuse", "umount", "mkfs.ext4");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var random = Seed.Random();
        var disk = place.Sparse("disk", 128 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", disk);
        var folder = place.Folder("usb");
        using var store = new StoreOnDisk(place, folder, SourceBytes, random);
        using (Mount.OfFile(disk, 0, 0, folder, "ext4"))
        {
            store.Begin();
        }

        var rounds = FaultRun.Rounds(2);
        var failed = 0;
        for (var round = 0; round < rounds; round++)
        {
            store.Change(0.9);
            var served = FailingFile.Serve(place, disk, "0%");
            var loop = LoopDevice.Attach(served.Path);
            try
            {
                Tool.Run("mount", loop.Path, folder);
                using var run = RunningCli.Start(store.Arguments(slowly));
                store.AwaitImage(run);
                Thread.Sleep(random.Next(1000));

                // As if the plug were drawn: every request from now on fails.
                served.Kill();
                failed += Refusal(run.End()) ? 1 : 0;
            }
            finally
            {
                Tool.Try("umount", "--lazy", folder);
                loop.Dispose();
                served.Dispose();
            }

            using (Mount.OfFile(disk, 0, 0, folder, "ext4"))
            {
                store.Check();
                if (store.Images > 3)
                {
                    store.Renew();
                }
            }
        }

        using (Mount.OfFile(disk, 0, 0, folder, "ext4"))
        {
            store.End();
        }

        FaultRun.Tell($"disk of the store pulled out: {rounds} backups, {failed} ended with an error; {store.Compared} restores compared bit for bit");
    }

    // Whether the run was refused, in the words of the contract; else it was done before anything happened.
    private static bool Refusal(CliResult result)
    {
        if (result.ExitCode == TestCli.Done)
        {
            return false;
        }

        Assert.Contains(result.ExitCode, new[] { TestCli.Failed, TestCli.WrongUse, TestCli.Damaged, TestCli.Busy });
        Assert.Equal("error", result.Last.Text("event"));
        Assert.DoesNotContain("defect", result.Last.Text("message"), StringComparison.Ordinal);
        return true;
    }
}
