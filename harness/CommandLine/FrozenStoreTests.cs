using System.Diagnostics;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Sources that are held still from outside, and stores that lie on them.</summary>
[DiffersBySystem]
[Case("5.1")]
public sealed class FrozenStoreTests : IDisposable
{
    private const int Size = 32 << 20;
    private readonly TempFolder folder = new("frozen");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_store_on_the_frozen_source_is_refused_and_holds_nothing_up()
    {
        using var device = Volume(out var mount);
        using (mount)
        {
            Tool.Run("fsfreeze", "-f", mount.Folder);
            try
            {
                var message = TidemarkCli.Run("backup", device, "--to", Path.Combine(mount.Folder, "store"), "--json")
                    .Refused(Cli.WrongUse, "wrongUse");
                Assert.Contains("held still", message, StringComparison.Ordinal);
            }
            finally
            {
                Tool.Run("fsfreeze", "-u", mount.Folder);
            }

            Assert.False(Directory.Exists(Path.Combine(mount.Folder, "store")));
            // Thawed, it is the warned-of store on its own source that it always was.
            TidemarkCli.Run("backup", device, "--to", Path.Combine(mount.Folder, "store")).Succeeded();
        }
    }

    [Fact]
    public void A_store_on_a_source_that_is_said_to_be_held_is_refused()
    {
        using var device = Volume(out var mount);
        using (mount)
        {
            TidemarkCli.Run("backup", device, "--to", Path.Combine(mount.Folder, "store"), "--snapshot", "held", "--json")
                .Refused(Cli.WrongUse, "wrongUse");
        }
    }

    [Fact]
    public void A_source_that_is_said_to_be_held_is_imaged_without_a_warning_and_recorded_so()
    {
        using var device = Volume(out var mount);
        using (mount)
        {
            var run = TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--snapshot", "held", "--json").Succeeded();
            Assert.DoesNotContain(run.Events, e => e.Text("event") == "warning");
            var shown = TidemarkCli.Run("show", run.Result.Text("chain"), "--json").Succeeded().Result;
            Assert.Equal("held", shown.Text("snapshot"));
            Assert.Contains(
                TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--json").Succeeded().Events,
                e => e.Text("event") == "warning" && e.Text("message").Contains("nothing holds it still", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public void The_script_thaws_when_it_is_ended(string signal)
    {
        Tool.Require("fsfreeze", "mountpoint", "setsid");
        using var device = Volume(out var mount);
        using (mount)
        {
            // In place of tidemark, a program that says when it runs and then waits for its end.
            File.WriteAllText(folder.At("program"), $"#!/bin/sh\necho $$ >'{folder.At("runs")}.new'\nmv '{folder.At("runs")}.new' '{folder.At("runs")}'\nexec sleep 600\n");
            Tool.Run("chmod", "755", folder.At("program"));
            var start = new ProcessStartInfo(Repository.PathOf("engine/packaging/linux/tidemark-frozen"), [mount.Folder, "backup"]);
            start.Environment["TIDEMARK"] = folder.At("program");
            using var script = Process.Start(start)!;
            while (!File.Exists(folder.At("runs")))
            {
                Assert.False(script.HasExited);
                Thread.Sleep(10);
            }

            Assert.NotEqual(0, Tool.Try("fsfreeze", "-f", mount.Folder).ExitCode);
            Tool.Run("kill", "-s", signal, $"{script.Id}");
            script.WaitForExit();
            if (signal == "KILL")
            {
                Tool.Try("kill", File.ReadAllText(folder.At("runs")).Trim());
            }

            // The write ends when the volume is thawed, which the script's own end may precede.
            File.WriteAllText(Path.Combine(mount.Folder, "after"), "thawed");
        }
    }

    private LoopDevice Volume(out Mount mount)
    {
        Mount.Require("ext4");
        Tool.Require("fsfreeze");
        var device = LoopDevice.Attach(folder.Sparse("disk", Size));
        FileSystemMaker.Make(device, "ext4");
        mount = Mount.Of(device, folder.Folder("mounted"), "ext4");
        return device;
    }
}
