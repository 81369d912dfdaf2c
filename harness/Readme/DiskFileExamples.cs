using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;
using static Tidemark.Harness.Readme.ReadmeSandbox;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples of disk files, out of a chain and into one.</summary>
internal static class DiskFileExamples
{
    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("tidemark export /backup/sdb-1b4e28ba@3 machine.vhdx", sandbox => Exported(sandbox, 3, "machine.vhdx", "vhdx")),
        ("tidemark export /backup/sdb-1b4e28ba@latest disk.vhd --format vhd-fixed", sandbox => Exported(sandbox, 4, "disk.vhd", "vpc")),
        ("tidemark export /backup/sdb-1b4e28ba@4 tuesday.qcow2 --base monday.qcow2", OnTopOfAnother),
        ("tidemark import base.vhdx monday.avhdx tuesday.avhdx --to /backup", Imported),
        ("tidemark import disk-*.img --to /backup --chain machine", ImportedUnlinked),
    ];

    private static void Exported(ReadmeSandbox sandbox, int point, string file, string format)
    {
        Tool.Require("qemu-img");
        sandbox.AddDiskChain(points: 4);
        sandbox.Run();
        Tool.Run("qemu-img", "compare", "-f", format, "-F", "raw", sandbox.At(file), sandbox.PointOf(DiskChain, point));
        if (format == "vpc")
        {
            // Of the fixed kind: the disk as it is, and a footer behind it.
            Assert.Equal(ReadmeSources.DiskBytes + 512, new FileInfo(sandbox.At(file)).Length);
        }
    }

    private static void OnTopOfAnother(ReadmeSandbox sandbox)
    {
        Tool.Require("qemu-img");
        sandbox.AddDiskChain(points: 4);
        sandbox.Run($"tidemark export {DiskChain}@3 monday.qcow2");
        sandbox.Run();
        var file = sandbox.At("tuesday.qcow2");
        Tool.Run("qemu-img", "check", "-q", file);
        Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", file, sandbox.PointOf(DiskChain, 4));
        Assert.InRange(new FileInfo(file).Length, 1, new FileInfo(sandbox.At("monday.qcow2")).Length / 2);
    }

    private static void Imported(ReadmeSandbox sandbox)
    {
        sandbox.AddDiskChain(points: 3);
        sandbox.Run(
            $"tidemark export {DiskChain}@1 base.vhdx && tidemark export {DiskChain}@2 monday.avhdx --format vhdx --base base.vhdx"
            + $" && tidemark export {DiskChain}@3 tuesday.avhdx --format vhdx --base monday.avhdx");
        Directory.Move(sandbox.At(DiskChain), sandbox.At("/disks/exported"));
        sandbox.Run();
        var chain = "/backup/" + Path.GetFileName(Assert.Single(sandbox.Chains()));
        for (var point = 1; point <= 3; point++)
        {
            sandbox.Proves(FormattableString.Invariant($"{chain}@{point}"), sandbox.PointOf(DiskChain, point));
        }
    }

    private static void ImportedUnlinked(ReadmeSandbox sandbox)
    {
        Tool.Require("cmp");
        for (var point = 1; point <= 2; point++)
        {
            var file = sandbox.At(FormattableString.Invariant($"disk-{point}.img"));
            File.WriteAllBytes(file, new byte[ReadmeSources.MiB]);
            Overwrite(file, point * 100_000, 100_000, point);
            File.SetLastWriteTimeUtc(file, new DateTime(2025, 1, point, 0, 0, 0, DateTimeKind.Utc));
        }

        sandbox.Run();
        sandbox.Proves("/backup/machine@1", sandbox.At("disk-1.img"));
        sandbox.Proves("/backup/machine@2", sandbox.At("disk-2.img"));
    }
}
