using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;
using static Tidemark.Harness.Readme.ReadmeSandbox;
using static Tidemark.Harness.Readme.ReadmeSources;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples of bringing volumes and disks back.</summary>
internal static class RestoreExamples
{
    private const string Target = "/dev/sdc1";

    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("tidemark restore /backup/sdb1-1b4e28ba@3 /dev/sdc1", ToDevice),
        ("tidemark restore /backup/sdb1-1b4e28ba@3 /dev/sdc1 --free zero", ToDevice),
        ("tidemark restore /backup/sdb1-1b4e28ba@latest disk.img", ToFile),
        ("tidemark restore /backup/sdb1-1b4e28ba@latest disk.img --passphrase-file secret", Encrypted),
        ("tidemark restore /backup/sdb1-1b4e28ba@3 /dev/sdc1 --resume", Resumed),
        ("tidemark restore /backup/sdb-1b4e28ba /dev/sdc", ToLarger),
        ("tidemark restore /backup/sdb-1b4e28ba /dev/sdc --fit", ToSmaller),
        ("tidemark restore /backup/sdb-1b4e28ba /dev/sdc --as-is", AsItIs),
        ("tidemark sources\ntidemark list /backup\ntidemark restore /backup/sdb-1b4e28ba@latest /dev/sdc --resume", BareMetal),
        ("tidemark restore /backup/sdb1-1b4e28ba@3 /dev/sdc1 --delta --force", OntoOlder),
        ("tidemark restore /backup/sdb1-1b4e28ba@3 rescue.img --salvage", Salvaged),
        ("tidemark restore /backup/sdb-1b4e28ba@3#2 /dev/sdc1", OnePartition),
        ("tidemark restore /backup/vm@latest nbd://storage/vm", OntoServer),
    ];

    private static void ToDevice(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain(points: 4);
        sandbox.AddDevice(Target, VolumeBytes);
        sandbox.Run();
        ReadmeSandbox.SameBytes(sandbox.ContentOf(Target), sandbox.PointOf(VolumeChain, 3));
    }

    private static void ToFile(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        sandbox.Run();
        ReadmeSandbox.SameBytes(sandbox.At("disk.img"), sandbox.PointOf(VolumeChain, 3));
    }

    private static void Encrypted(ReadmeSandbox sandbox)
    {
        File.WriteAllText(sandbox.At("secret"), "correct horse\n");
        sandbox.AddVolumeChain(points: 1, "--passphrase-file secret");
        sandbox.Run();
        ReadmeSandbox.SameBytes(sandbox.At("disk.img"), sandbox.PointOf(VolumeChain, 1));
    }

    private static void Resumed(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        sandbox.AddDevice(Target, VolumeBytes);
        sandbox.Start($"tidemark restore {VolumeChain}@3 {Target} --max-rate 2M --json").End("INT", Interrupted);

        // What stands there belongs to a restore that isn't done.
        sandbox.Run($"tidemark restore {VolumeChain}@2 {Target}", WrongUse);
        Assert.Contains("taken up again", sandbox.Run(), StringComparison.Ordinal);
        ReadmeSandbox.SameBytes(sandbox.ContentOf(Target), sandbox.PointOf(VolumeChain, 3));
    }

    private static void ToLarger(ReadmeSandbox sandbox)
    {
        sandbox.AddDiskChain(points: 2);
        sandbox.AddDevice("/dev/sdc", 20 * MiB);
        Assert.Contains("fitted   to 20.0 MiB", sandbox.Run(), StringComparison.Ordinal);
        var disk = sandbox.ContentOf("/dev/sdc");
        Assert.Contains("No problems found", Tool.Run("sgdisk", "-v", disk).Output, StringComparison.Ordinal);
        SameRange(disk, MiB, sandbox.PointOf(DiskChain, 2), MiB, RootOffset + RootBytes - MiB);
    }

    private static void AsItIs(ReadmeSandbox sandbox)
    {
        sandbox.AddDiskChain(points: 2);
        sandbox.AddDevice("/dev/sdc", 20 * MiB);
        sandbox.Run();
        SameRange(sandbox.ContentOf("/dev/sdc"), 0, sandbox.PointOf(DiskChain, 2), 0, DiskBytes);
    }

    private static void BareMetal(ReadmeSandbox sandbox)
    {
        sandbox.AddDiskChain(points: 2);
        sandbox.AddDevice("/dev/sdc", DiskBytes);
        Assert.Contains(sandbox.At(DiskChain), sandbox.Run(), StringComparison.Ordinal);
        ReadmeSandbox.SameBytes(sandbox.ContentOf("/dev/sdc"), sandbox.PointOf(DiskChain, 2));
    }

    private static void ToSmaller(ReadmeSandbox sandbox)
    {
        sandbox.AddDiskChain(points: 2);
        sandbox.AddDevice("/dev/sdc", 12 * MiB);
        sandbox.Run("tidemark restore /backup/sdb-1b4e28ba /dev/sdc", WrongUse);
        sandbox.Run();
        var disk = sandbox.ContentOf("/dev/sdc");
        Assert.Contains("No problems found", Tool.Run("sgdisk", "-v", disk).Output, StringComparison.Ordinal);
        SameRange(disk, MiB, sandbox.PointOf(DiskChain, 2), MiB, RootOffset + RootBytes - MiB);
    }

    private static void OntoOlder(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        sandbox.AddDevice(Target, VolumeBytes);
        sandbox.Run($"tidemark restore {VolumeChain}@1 {Target}");
        sandbox.Run($"tidemark restore {VolumeChain}@3 {Target} --delta", WrongUse);
        sandbox.Run();
        ReadmeSandbox.SameBytes(sandbox.ContentOf(Target), sandbox.PointOf(VolumeChain, 3));
    }

    private static void Salvaged(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        File.Delete(sandbox.At(VolumeChain + "/000002.tdi"));
        sandbox.Run($"tidemark restore {VolumeChain}@3 rescue.img", Damaged);
        sandbox.Run(Damaged);
        var rescued = File.ReadAllBytes(sandbox.At("rescue.img"));
        var point = File.ReadAllBytes(sandbox.PointOf(VolumeChain, 3));
        Assert.Equal(point.Length, rescued.Length);
        for (var block = 0; block < point.Length; block += 4096)
        {
            var its = rescued.AsSpan(block, 4096);
            Assert.True(its.SequenceEqual(point.AsSpan(block, 4096)) || its.IndexOfAnyExcept((byte)0) < 0, $"The block at {block} is of another time.");
        }

        // What the newest image holds itself.
        Assert.True(rescued.AsSpan(ChangeOf(3), 50_000).SequenceEqual(point.AsSpan(ChangeOf(3), 50_000)));
    }

    private static void OnePartition(ReadmeSandbox sandbox)
    {
        sandbox.AddDiskChain(points: 3);
        sandbox.AddDevice(Target, RootBytes);
        sandbox.Run();
        SameRange(sandbox.ContentOf(Target), 0, sandbox.PointOf(DiskChain, 3), RootOffset, RootBytes);
        Tool.Require("e2fsck");
        Tool.Run("e2fsck", "-fn", sandbox.ContentOf(Target));
    }

    private static void OntoServer(ReadmeSandbox sandbox)
    {
        Tool.Require("qemu-nbd");
        sandbox.AddVolume("/dev/sdb1");
        sandbox.Run("tidemark backup /dev/sdb1 --to /backup --chain vm");
        var disk = sandbox.At("/disks/storage");
        File.WriteAllBytes(disk, new byte[VolumeBytes]);
        sandbox.StoragePort = FreePort.Take();
        var started = sandbox.At("/run/storage.pid");
        using (BackgroundTool.StartAt(
            started, "qemu-nbd", "--format=raw", "--bind=127.0.0.1", FormattableString.Invariant($"--port={sandbox.StoragePort}"), "--export-name=vm",
            "--persistent", $"--pid-file={started}", disk))
        {
            sandbox.Run();
        }

        ReadmeSandbox.SameBytes(disk, sandbox.ContentOf("/dev/sdb1"));
    }

    private static void SameRange(string path, long offset, string other, long otherOffset, int length)
    {
        Assert.True(Read(path, offset).AsSpan().SequenceEqual(Read(other, otherOffset)), $"{path} isn't what {other} has at {otherOffset}.");

        byte[] Read(string file, long at)
        {
            using var stream = File.OpenRead(file);
            stream.Position = at;
            var content = new byte[length];
            stream.ReadExactly(content);
            return content;
        }
    }
}
