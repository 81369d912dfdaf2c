using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Serving;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.Readme.ReadmeSandbox;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples of serving points over NBD.</summary>
internal static class ServingExamples
{
    private const string Uri = "nbd+unix:///?socket=";
    private const string Socket = "/run/point.sock";

    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("tidemark serve /backup/sdb1-1b4e28ba@3 --unix /run/point.sock", Served),
        ("tidemark serve /backup/sdb1-1b4e28ba@3 --unix /run/point.sock --overlay try.tdo", ServedToWriters),
        ("tidemark serve /backup/sdb1-1b4e28ba@3 --unix /run/point.sock &\nnbdcopy 'nbd+unix:///?socket=/run/point.sock' disk.img", Copied),
        ("qemu-img convert -f raw -O qcow2 'nbd+unix:///?socket=/run/point.sock' disk.qcow2\nfio --name=reads --ioengine=nbd "
            + "--uri='nbd+unix:///?socket=/run/point.sock' --rw=randread --bs=4k --iodepth=16 --size=8M", ReadByOthers),
        ("tidemark serve /backup/sdb1-1b4e28ba@3 --listen 0.0.0.0 --tls-certificates /etc/pki/tidemark --tls-verify-peer &\n"
            + "nbdcopy 'nbds://storage/?tls-certificates=/etc/pki/tidemark' disk.img", CopiedOverTls),
    ];

    private static void Served(ReadmeSandbox sandbox)
    {
        Tool.Require("qemu-img");
        sandbox.AddVolumeChain(points: 4);
        var server = sandbox.Start();
        Assert.Contains(Uri + sandbox.At(Socket), server.FirstLine, StringComparison.Ordinal);
        Compare(sandbox, sandbox.PointOf(VolumeChain, 3));
        server.End();
        Assert.False(sandbox.Has(Socket));
    }

    private static void ServedToWriters(ReadmeSandbox sandbox)
    {
        Tool.Require("qemu-img", "qemu-io");
        sandbox.AddVolumeChain();
        var server = sandbox.Start();
        Tool.Run("qemu-io", "-f", "raw", "-c", "write -P 33 5M 64k", Uri + sandbox.At(Socket));
        server.End();

        // Kept, in a file of its own, and the chain is as it was.
        var expected = File.ReadAllBytes(sandbox.PointOf(VolumeChain, 3));
        expected.AsSpan(5 << 20, 64 << 10).Fill(33);
        File.WriteAllBytes(sandbox.At("expected"), expected);
        Assert.True(sandbox.Has("try.tdo"));
        sandbox.Proves(VolumeChain + "@3", sandbox.PointOf(VolumeChain, 3));
        server = sandbox.Start();
        Compare(sandbox, sandbox.At("expected"));
        server.End();
    }

    private static void Copied(ReadmeSandbox sandbox)
    {
        Tool.Require("nbdcopy");
        sandbox.AddVolumeChain();
        var lines = sandbox.Example.Split('\n');
        // The second is typed when the first has said where to go.
        var server = sandbox.Start(lines[0].TrimEnd('&', ' '));
        sandbox.Run(lines[1]);
        server.End();
        ReadmeSandbox.SameBytes(sandbox.At("disk.img"), sandbox.PointOf(VolumeChain, 3));
    }

    private static void ReadByOthers(ReadmeSandbox sandbox)
    {
        Tool.Require("qemu-img", "fio");
        sandbox.AddVolumeChain();
        var server = sandbox.Start($"tidemark serve {VolumeChain}@3 --unix {Socket}");
        var (convert, fio) = (sandbox.Example.Split('\n')[0], sandbox.Example.Split('\n')[1]);
        sandbox.Run(convert);
        Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", sandbox.At("disk.qcow2"), sandbox.PointOf(VolumeChain, 3));
        Assert.SkipUnless(Tool.Run("fio", "--enghelp").Output.Contains("nbd", StringComparison.Ordinal), "This fio has no nbd engine.");
        Assert.Contains("err= 0", sandbox.Run(fio), StringComparison.Ordinal);
        server.End();
    }

    private static void CopiedOverTls(ReadmeSandbox sandbox)
    {
        Tool.Require("nbdcopy");
        sandbox.AddVolumeChain();
        TestCertificates.Write(Directory.CreateDirectory(sandbox.At("/etc/pki/tidemark")).FullName, "ca", "server", "client");
        var lines = sandbox.Example.Split('\n');
        // A port of its own, where others may be at work.
        sandbox.StoragePort = FreePort.Take();
        var server = sandbox.Start(lines[0].TrimEnd('&', ' ').Replace("0.0.0.0", FormattableString.Invariant($"0.0.0.0:{sandbox.StoragePort}"), StringComparison.Ordinal));
        sandbox.Run(lines[1]);
        ReadmeSandbox.SameBytes(sandbox.At("disk.img"), sandbox.PointOf(VolumeChain, 3));
        // Whoever has no certificate gets nothing.
        Assert.NotEqual(0, Tool.Try("nbdinfo", FormattableString.Invariant($"nbd://localhost:{sandbox.StoragePort}/")).ExitCode);
        server.End();
    }

    private static void Compare(ReadmeSandbox sandbox, string content) =>
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", Uri + sandbox.At(Socket), content);
}
