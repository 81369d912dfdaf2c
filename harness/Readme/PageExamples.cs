using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Readme;

/// <summary>The examples of the pages in engine/docs that README.md doesn't have.</summary>
internal static class PageExamples
{
    private const string SnapshotDevice = "/dev/vg0/root-tidemark";

    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("cp engine/packaging/systemd/tidemark-nightly.service engine/packaging/systemd/tidemark-nightly.timer /etc/systemd/system/\n"
            + "systemctl daemon-reload\nsystemctl enable --now tidemark-nightly.timer", Timer),
        ("tidemark-frozen /srv backup /dev/sdb1 --to /backup", Frozen),
        ("lvcreate --snapshot --name root-tidemark --size 5G vg0/root\n"
            + $"tidemark backup {SnapshotDevice} --to /backup --snapshot held\nlvremove --yes vg0/root-tidemark", Snapshot),
    ];

    /// <summary>The units are ones that systemd takes, and start a command that the program takes.</summary>
    private static void Timer(ReadmeSandbox sandbox)
    {
        Directory.CreateDirectory(sandbox.At("/etc/systemd/system"));
        // Units belong to the machine that runs the tests; its systemd is asked for nothing but its opinion.
        ReadmeSandbox.Script(sandbox.At("/bin/systemctl"), "true");
        File.CreateSymbolicLink(sandbox.At("engine"), Repository.PathOf("engine"));
        sandbox.Run();
        var service = sandbox.At("/etc/systemd/system/tidemark-nightly.service");
        var command = File.ReadLines(service).Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal)).Split(' ');
        Assert.Equal("ExecStart=tidemark", command[0]);
        ReadmeCommands.Parses(command[1..]);
        if (Tool.Has("systemd-analyze"))
        {
            // Its own program has to be there for systemd, and the folder it may write to.
            File.WriteAllText(service, File.ReadAllText(service).Replace("ExecStart=tidemark", "ExecStart=true", StringComparison.Ordinal));
            Tool.Run("systemd-analyze", "verify", service, sandbox.At("/etc/systemd/system/tidemark-nightly.timer"));
        }
    }

    private static void Frozen(ReadmeSandbox sandbox)
    {
        Tool.Require("fsfreeze", "mountpoint", "setsid");
        Root.Require();
        Mount.Require("ext4");
        sandbox.AddVolume("/dev/sdb1");
        ReadmeSandbox.Script(sandbox.At("/bin/tidemark-frozen"), Repository.PathOf("engine/packaging/linux/tidemark-frozen"));
        Directory.CreateDirectory(sandbox.At("/mnt/srv"));
        using (Mount.Of(sandbox.At("/dev/sdb1"), sandbox.At("/mnt/srv"), "ext4"))
        {
            var command = sandbox.Example.Replace("/srv", "/mnt/srv", StringComparison.Ordinal);
            Assert.DoesNotContain("holds it still", sandbox.Run(command), StringComparison.Ordinal);
            // It is thawed, and a run that fails gives its own code.
            File.WriteAllText(sandbox.At("/mnt/srv/after"), "thawed");
            sandbox.Run(command.Replace("--to /backup", "--to /backup/no/such/folder", StringComparison.Ordinal), WrongUse);
            File.WriteAllText(sandbox.At("/mnt/srv/after"), "thawed again");
        }

        var chain = Assert.Single(sandbox.Chains());
        Assert.Contains("held", sandbox.Run($"tidemark show {chain}"), StringComparison.Ordinal);
    }

    /// <summary>LVM is played: its commands are taken down, and the snapshot is a copy of the volume.</summary>
    private static void Snapshot(ReadmeSandbox sandbox)
    {
        Directory.CreateDirectory(sandbox.At("/dev/vg0"));
        sandbox.AddVolume(SnapshotDevice);
        foreach (var name in new[] { "lvcreate", "lvremove" })
        {
            File.WriteAllText(sandbox.At($"/bin/{name}"), $"#!/bin/sh\necho {name} \"$@\" >>'{sandbox.At("/run/lvm")}'\n");
            Tool.Run("chmod", "755", sandbox.At($"/bin/{name}"));
        }

        sandbox.Run();
        Assert.Equal(
            ["lvcreate --snapshot --name root-tidemark --size 5G vg0/root", "lvremove --yes vg0/root-tidemark"],
            File.ReadAllLines(sandbox.At("/run/lvm")));
        sandbox.Proves(Assert.Single(sandbox.Chains()), sandbox.ContentOf(SnapshotDevice));
    }
}
