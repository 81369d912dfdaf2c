using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Runs that nobody watches, and what they say before they are through.</summary>
[DiffersBySystem]
public sealed class QuietTests : IDisposable
{
    private readonly TempFolder folder = new("quiet");

    public void Dispose() => folder.Dispose();

    [Fact]
    [Case("5.9")]
    public void A_good_run_says_nothing()
    {
        var source = Cli.Noise(folder, "source", 300_000);
        var other = Cli.Noise(folder, "other", 300_000, 2);
        var store = folder.At("store");
        Silent("backup", source, "--to", store);
        Silent("--quiet", "backup", source, other, "--to", store);
        Silent("backup", source, "--to", store, "--json");
        var chain = Path.Combine(store, "source");
        foreach (var verb in new string[][]
        {
            ["list", store], ["show", chain], ["verify", store], ["verify", store, "--json"], ["diff", $"{chain}@1", $"{chain}@2"],
            ["restore", chain, folder.At("target")], ["export", chain, folder.At("disk.vhd")], ["repair", chain], ["sources"],
            ["import", folder.At("disk.vhd"), "--to", folder.At("imported")], ["heal", chain, "--from", source], ["unlock", chain],
        })
        {
            Silent(verb);
        }

        Assert.Equal(3, Directory.GetFiles(chain, "*.tdi").Length);
    }

    [Fact]
    [Case("5.9")]
    public void What_is_not_well_is_told_as_ever()
    {
        var source = Cli.Noise(folder, "source", 300_000);
        var store = folder.At("store");
        var chain = Cli.Backup(source, store).Text("chain");
        Assert.Equal(
            TidemarkCli.Run("list", folder.At("gone")).Error, TidemarkCli.Run("list", folder.At("gone"), "--quiet").EndedWith(Cli.WrongUse, Cli.Failed).Error);
        Cli.Flip(Path.Combine(chain, "000001.tdi"), 100_000);
        Assert.Contains("DAMAGED", TidemarkCli.Run("verify", chain, "--quiet").EndedWith(Cli.Damaged).Output, StringComparison.Ordinal);
        var json = TidemarkCli.Run("verify", chain, "--quiet", "--json").EndedWith(Cli.Damaged);
        Assert.Equal(Cli.Damaged, Assert.Single(json.Events).Number("exitCode"));

        // Warnings of a run that is good none the less.
        File.WriteAllBytes(folder.At("torn.vhd"), [.. "conectix"u8, .. new byte[504]]);
        var partly = TidemarkCli.Run("backup", source, folder.At("torn.vhd"), "--to", folder.At("several"), "--quiet").EndedWith(Cli.Damaged);
        Assert.Contains("tidemark: warning: ", partly.Error, StringComparison.Ordinal);
        Assert.Contains("Image 1 (full)", partly.Output, StringComparison.Ordinal);
    }

    [Theory]
    [Case("5.8")]
    [InlineData(1)]
    [InlineData(2)]
    public void An_interrupted_backup_says_what_is_stored(int sources)
    {
        Tool.Require("kill");
        var big = Cli.Noise(folder, "big", 32 << 20);
        var small = Cli.Noise(folder, "small", 100_000, 2);
        string[] all = sources == 1 ? [big] : [small, big];
        using var run = RunningCli.Start(["backup", .. all, "--to", folder.At("store"), "--json", "--max-rate", "4M"]);
        var big1 = folder.At("store", "big");
        while (!run.HasEnded && !(Directory.Exists(big1) && Directory.GetFiles(big1).Any(f => f.Contains(".tdi", StringComparison.Ordinal))))
        {
            Thread.Sleep(10);
        }

        run.Signal("INT");
        var message = run.End().Refused(Cli.Interrupted, "interrupted");
        Assert.StartsWith(sources == 1 ? "Interrupted. Nothing was stored" : "Interrupted. 1 image of this run is committed", message, StringComparison.Ordinal);
    }

    [Theory]
    [Case("5.5")]
    [InlineData("f.vmdk", ".vmdk isn't a format that tidemark writes: there are raw, vhd, vhd-fixed, vhdx, qcow2; or")]
    [InlineData("f.VDI", ".vdi isn't a format that tidemark writes: ")]
    [InlineData("f.img.gz", ".gz isn't a format that tidemark writes: ")]
    [InlineData("f", "has no extension that says what format it shall have. There are raw, vhd, vhd-fixed, vhdx, qcow2. --format says which one it shall have.")]
    public void An_export_says_which_formats_there_are(string name, string words)
    {
        var chain = Cli.Backup(Cli.Noise(folder, "source", 100_000), folder.At("store")).Text("chain");
        Assert.Contains(words, TidemarkCli.Run("export", chain, folder.At(name), "--json").Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.At(name)));
    }

    private static void Silent(params string[] words)
    {
        var result = TidemarkCli.Run([.. words, .. words.Contains("--quiet") ? [] : new[] { "--quiet" }]).Succeeded();
        Assert.Equal(("", ""), (result.Output, result.Error));
    }
}
