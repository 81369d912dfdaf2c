using System.Diagnostics;
using System.Globalization;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>The verb <c>export</c>, and how it ends.</summary>
public sealed class ExportVerbTests : IDisposable
{
    private readonly TempFolder folder = new("exportverb");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Files_of_each_kind_are_made_and_one_proves_a_base()
    {
        Tool.Require("qemu-img");
        var source = Cli.Noise(folder, "source", 6 << 20);
        var first = Cli.Backup(source, folder.At("store"));
        Cli.Overwrite(source, 1 << 20, 50_000, 2);
        var second = Cli.Backup(source, folder.At("store"));
        var chain = first.Text("chain");

        TidemarkCli.Run("export", second.At(2), folder.At("machine.vhdx")).Succeeded();
        TidemarkCli.Run("export", $"{chain}@latest", folder.At("disk.vhd"), "--format", "vhd-fixed").Succeeded();
        TidemarkCli.Run("export", first.At(1), folder.At("monday.qcow2")).Succeeded();
        var result = TidemarkCli.Run(
            "export", second.At(2), folder.At("tuesday.qcow2"), "--base", folder.At("monday.qcow2"), "--json").Succeeded().Result;
        Assert.Equal(1, result.Number("baseSequence"));
        foreach (var (file, format) in new[] { ("machine.vhdx", "vhdx"), ("disk.vhd", "vpc"), ("tuesday.qcow2", "qcow2") })
        {
            Tool.Run("qemu-img", "compare", "-f", format, "-F", "raw", folder.At(file), source);
        }

        // Which is how a base is proven that somebody may have written to.
        TidemarkCli.Run("verify", second.At(2), "--against", folder.At("machine.vhdx")).Succeeded();
        TidemarkCli.Run("export", second.At(2), folder.At("machine.vhdx"), "--force").Succeeded();
    }

    [Fact]
    public void An_encrypted_chain_is_exported_with_its_key()
    {
        var source = Cli.Noise(folder, "source", 1 << 20);
        File.WriteAllText(folder.At("secret"), "word");
        string[] key = ["--passphrase-file", folder.At("secret")];
        var chain = Cli.Backup(source, folder.At("store"), key).Text("chain");
        TidemarkCli.Run("export", chain, folder.At("disk.raw"), "--json").Refused(Cli.Key, "key");
        TidemarkCli.Run(["export", chain, folder.At("disk.raw"), .. key]).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("disk.raw")));
    }

    [Fact]
    public void An_interrupted_export_leaves_no_file()
    {
        Tool.Require("kill");
        var chain = Cli.Backup(Cli.Noise(folder, "source", 32 << 20), folder.At("store")).Text("chain");
        var (program, leading) = TidemarkCli.Command;
        var start = new ProcessStartInfo(
            program, [.. leading, "export", chain, folder.At("disk.vhdx"), "--json", "--max-rate", "4M", "--background"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        Assert.Contains("\"export\"", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.At("disk.vhdx" + ExportTarget.TemporaryExtension)));
        Tool.Run("kill", "-s", "INT", process.Id.ToString(CultureInfo.InvariantCulture));
        Assert.True(process.WaitForExit(Patience.Limit), "the program goes on");
        Assert.Equal(Cli.Interrupted, process.ExitCode);
        Assert.Empty(Directory.GetFiles(folder, "disk*"));
    }

    [Fact]
    public void A_disk_that_fills_up_leaves_no_file()
    {
        Root.Require();
        var chain = Cli.Backup(Cli.Noise(folder, "source", 24 << 20), folder.At("store")).Text("chain");
        var small = folder.Sparse("small", 16 << 20);
        FileSystemMaker.Make(small, "ext4");
        using var mount = Mount.OfFile(small, 0, 0, folder.Folder("mnt"), "ext4");
        var error = TidemarkCli.Run("export", chain, Path.Combine(mount.Folder, "disk.qcow2"), "--json").Refused(Cli.Failed, "failed");
        Assert.Contains("disk.qcow2", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(mount.Folder, "disk*"));
    }
}
