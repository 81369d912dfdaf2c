using System.Text.Json;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples of imaging, and of looking at what was imaged.</summary>
internal static class BackupExamples
{
    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("tidemark sources", Sources),
        ("tidemark backup /dev/sdb1 --to /backup", One),
        ("tidemark backup /dev/sdb1 --to /backup --passphrase-file secret", Encrypted),
        ("tidemark backup /dev/sdb1 --to /mnt/stick --split 4095M", ForFat),
        ("tidemark backup /dev/sdb1 --to /backup --chain weekly", SecondSchedule),
        ("tidemark backup /dev/sdb1 /dev/sdb2 --to /backup", Several),
        ("tidemark backup /dev/sdb1 --to /backup --kind differential", Differential),
        ("tidemark backup /dev/sdb1 --to /backup --all-blocks", One),
        ("tidemark backup /dev/sdb1 --to /backup --include-swap", One),
        ("tidemark backup /dev/sdb1 --to /backup --exclude '*.iso' --exclude /Temp", One),
        ("tidemark backup /dev/sdb1 --to /backup --dry-run", DryRun),
        ("tidemark backup /dev/sdb1 --to /backup --quiet", Quiet),
        ("tidemark backup /dev/sdb1 --to /backup --json", Json),
        ("tidemark backup 'nbd+unix:///?socket=/run/vm.sock' --to /backup --chain vm", FromServer),
        ("tidemark list /backup", List),
        ("tidemark show /backup/sdb1-1b4e28ba@3", Show),
    ];

    private static void Sources(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        var said = sandbox.Run();
        if (Root.Is)
        {
            Assert.Contains(sandbox.At("/disks/dev-sdb1"), said, StringComparison.Ordinal);
        }
        else
        {
            Assert.NotEmpty(said);
        }
    }

    private static void One(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        sandbox.Run();
        sandbox.Proves(Only(sandbox), sandbox.ContentOf("/dev/sdb1"));
        Assert.Contains("Image 2 (incremental)", sandbox.Run(), StringComparison.Ordinal);
    }

    private static void DryRun(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        Assert.Contains("would begin a new chain", sandbox.Run(), StringComparison.Ordinal);
        Assert.Empty(sandbox.Chains());
    }

    private static void Quiet(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        Assert.Empty(sandbox.Run());
        sandbox.Proves(Only(sandbox), sandbox.ContentOf("/dev/sdb1"));
    }

    private static void Json(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        var lines = sandbox.Run().TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(("result", 0), (lines[^1].GetProperty("event").GetString(), lines[^1].GetProperty("exitCode").GetInt32()));
        Assert.True(lines[^1].TryGetProperty("storedBytes", out _));
    }

    private static void Encrypted(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        File.WriteAllText(sandbox.At("secret"), "correct horse\n");
        sandbox.Run();
        sandbox.Run($"tidemark restore {Only(sandbox)} proof", Key);
        sandbox.Proves(Only(sandbox), sandbox.ContentOf("/dev/sdb1"), "--passphrase-file secret");
    }

    private static void ForFat(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        Directory.CreateDirectory(sandbox.At("/mnt/stick"));
        sandbox.Run();
        var images = Directory.GetFiles(Assert.Single(sandbox.Chains("/mnt/stick")), "*.tdi");
        // What one file of a FAT32 disk can hold.
        Assert.All(images, image => Assert.InRange(new FileInfo(image).Length, 1, uint.MaxValue));
        sandbox.Proves(Assert.Single(sandbox.Chains("/mnt/stick")), sandbox.ContentOf("/dev/sdb1"));
        // The same with files so small that there are several.
        sandbox.Run(sandbox.Example.Replace("4095M", "1M --kind full", StringComparison.Ordinal));
        Assert.True(Directory.GetFiles(Assert.Single(sandbox.Chains("/mnt/stick"))).Length > images.Length + 2);
        sandbox.Proves(Assert.Single(sandbox.Chains("/mnt/stick")), sandbox.ContentOf("/dev/sdb1"));
    }

    private static void SecondSchedule(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain(points: 1);
        sandbox.Run();
        Assert.Equal(2, sandbox.Chains().Length);
        sandbox.Proves("/backup/weekly@1", sandbox.ContentOf("/dev/sdb1"));
        // Each goes on by itself.
        sandbox.Run("tidemark backup /dev/sdb1 --to /backup");
        Assert.Contains("Image 2 (incremental)", sandbox.Run(), StringComparison.Ordinal);
        Assert.Equal(2, sandbox.Chains().Length);
    }

    private static void Several(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1", seed: 1);
        sandbox.AddVolume("/dev/sdb2", seed: 2);
        sandbox.Run();
        Assert.Equal(2, sandbox.Chains().Length);
        foreach (var device in new[] { "/dev/sdb1", "/dev/sdb2" })
        {
            Assert.Single(sandbox.Chains(), chain => TidemarkCli.Run("verify", chain, "--against", sandbox.At(device)).ExitCode == Done);
        }
    }

    private static void Differential(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain(points: 2);
        sandbox.Change("/dev/sdb1", 3);
        Assert.Contains("Image 3 (differential)", sandbox.Run(), StringComparison.Ordinal);
        // It stands on the full image alone.
        File.Delete(sandbox.At(ReadmeSandbox.VolumeChain + "/000002.tdi"));
        sandbox.Proves(ReadmeSandbox.VolumeChain + "@3", sandbox.ContentOf("/dev/sdb1"));
    }

    private static void FromServer(ReadmeSandbox sandbox)
    {
        Tool.Require("qemu-img", "qemu-io", "qemu-nbd");
        var disk = sandbox.At("/disks/vm.qcow2");
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", disk, "16M");
        Tool.Run("qemu-io", "-f", "qcow2", "-c", "write -P 7 1M 3M", disk);
        var socket = sandbox.At("/run/vm.sock");
        using (BackgroundTool.StartAt(socket, "qemu-nbd", "--format=qcow2", $"--socket={socket}", "--persistent", disk))
        {
            sandbox.Run();
        }

        sandbox.Run("tidemark restore /backup/vm raw");
        Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", disk, sandbox.At("raw"));
    }

    private static void List(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        var said = sandbox.Run();
        Assert.Contains(sandbox.At(ReadmeSandbox.VolumeChain), said, StringComparison.Ordinal);
        Assert.Contains("incremental", said, StringComparison.Ordinal);
    }

    private static void Show(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        var said = sandbox.Run();
        Assert.Contains("incremental", said, StringComparison.Ordinal);
        Assert.Contains(sandbox.At(ReadmeSandbox.VolumeChain), said, StringComparison.Ordinal);
    }

    private static string Only(ReadmeSandbox sandbox) => "/backup/" + Path.GetFileName(Assert.Single(sandbox.Chains()));
}
