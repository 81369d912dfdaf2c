using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Serving;

/// <summary>More clients of others: nbdfuse, fio's nbd engine, and what speaks TLS.</summary>
public sealed class ClientTests : IDisposable
{
    private const int Length = 8 << 20;

    private readonly TempFolder folder = new("clients");
    private readonly string source;
    private readonly string chain;

    public ClientTests()
    {
        OnlyOn.Linux();
        source = Noise(folder, "source", Length);
        chain = Backup(source, folder.At("store")).Text("chain");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Nbdfuse_makes_a_file_of_it()
    {
        Tool.Require("nbdfuse", "fusermount3", "cmp");
        using var served = ServeProcess.StartUnix(folder, chain);
        File.WriteAllText(folder.At("file"), "");
        using (BackgroundTool.StartAt(folder.At("pid"), "nbdfuse", "--readonly", "--pidfile", folder.At("pid"), folder.At("file"), served.Uri))
        {
            try
            {
                Tool.Run("cmp", folder.At("file"), source);
            }
            finally
            {
                Tool.Try("fusermount3", "-u", folder.At("file"));
            }
        }
    }

    [Fact]
    public void Fio_finds_again_what_it_wrote_on_several_connections()
    {
        Tool.Require("fio");
        Assert.SkipUnless(Tool.Run("fio", "--enghelp").Output.Contains("nbd", StringComparison.Ordinal), "This fio has no nbd engine.");
        using var served = ServeProcess.StartUnix(folder, chain, "--writable");
        Tool.Run(
            "fio", "--name=a", "--ioengine=nbd", $"--uri={served.Uri}", "--rw=randrw", "--bsrange=4k-64k", "--size=4m", "--numjobs=2",
            "--offset_increment=4m", "--iodepth=16", "--verify=crc32c", "--verify_fatal=1", "--verify_state_save=0", "--output=" + folder.At("fio"));
        Assert.Equal(0, served.Terminate()[^1].Number("failures"));
    }

    [Fact]
    public void Clients_with_a_certificate_are_served_over_tls_and_others_are_not()
    {
        Tool.Require("qemu-img");
        var certificates = folder.Folder("pki");
        TestCertificates.Write(certificates, "ca", "server", "client");
        using var served = ServeProcess.Start(
            chain, "--listen", "127.0.0.1:0", "--tls-certificates", certificates, "--tls-verify-peer");
        Assert.True(served.Ready.GetProperty("tls").GetBoolean());
        var port = new Uri(served.Uri).Port;
        Tool.Run("qemu-img", Compare(certificates)).Succeeded();

        // Neither in the clear, nor with a certificate of somebody else's.
        Assert.NotEqual(0, Tool.Try("qemu-img", "info", FormattableString.Invariant($"nbd://127.0.0.1:{port}/")).ExitCode);
        var strangers = folder.Folder("strangers");
        TestCertificates.Write(strangers, "ca", "server", "client");
        File.Copy(Path.Combine(certificates, "ca-cert.pem"), Path.Combine(strangers, "ca-cert.pem"), overwrite: true);
        Assert.NotEqual(0, Tool.Try("qemu-img", Compare(strangers)).ExitCode);
        TidemarkCli.Run("serve", chain, "--tls-certificates", folder.At("nothing"), "--json").Refused(WrongUse, "wrongUse");

        string[] Compare(string pki) =>
        [
            "compare", "--image-opts", "--object", $"tls-creds-x509,id=tls,endpoint=client,dir={pki},verify-peer=yes",
            FormattableString.Invariant($"driver=raw,file.driver=nbd,file.host=127.0.0.1,file.port={port},file.tls-creds=tls"),
            $"driver=raw,file.driver=file,file.filename={source}",
        ];
    }
}
