using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What a run will cost, known before, and what it did, told plainly.</summary>
[DiffersBySystem]
[Case("5.7")]
public sealed class DryRunTests : IDisposable
{
    private readonly TempFolder folder = new("dry-run");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData()]
    [InlineData("--split", "64K")]
    [InlineData("--compress", "none")]
    [InlineData("--passphrase-file", "secret")]
    public void A_dry_run_writes_nothing_and_says_what_the_run_then_stores(params string[] options)
    {
        File.WriteAllText(folder.At("secret"), "correct horse\n");
        options = [.. options.Select(option => option == "secret" ? folder.At("secret") : option)];
        var source = Cli.Noise(folder, "source", 600_000);
        var store = folder.At("store");
        for (var point = 1; point <= 3; point++)
        {
            var before = Tree(store);
            var dry = Cli.Backup(source, store, ["--dry-run", .. options]);
            Assert.Equal(before, Tree(store));
            Assert.True(dry.GetProperty("dryRun").GetBoolean());
            Assert.Equal(point == 1, dry.GetProperty("newChain").GetBoolean());

            var real = Cli.Backup(source, store, options);
            Assert.False(real.GetProperty("dryRun").GetBoolean());
            Assert.Equal((point, dry.Text("chain")), ((int)real.Number("sequence"), real.Text("chain")));
            foreach (var field in new[] { "kind", "newChain", "sequence", "changedBlocks", "dataBytes", "indexBytes" })
            {
                Assert.Equal(real.GetProperty(field).ToString(), dry.GetProperty(field).ToString());
            }

            // The time it took stands in the image's metadata, with as many digits as it has.
            Assert.InRange(dry.Number("storedBytes"), real.Number("storedBytes") - 4096, real.Number("storedBytes") + 4096);
            Cli.Overwrite(source, point * 100_000, 50_000, point);
        }
    }

    [Fact]
    public void A_dry_run_needs_no_lock_and_no_right_to_write()
    {
        var source = Cli.Noise(folder, "source", 100_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        using (Tidemark.Engine.Stores.LocalStoreFolder.Open(chain).TryLock(out _))
        {
            Cli.Backup(source, folder.At("store"), "--dry-run");
            Cli.Backup(source, chain, "--dry-run");
        }
    }

    [Fact]
    public void A_dry_run_refuses_what_the_run_would_refuse()
    {
        var source = Cli.Noise(folder, "source", 100_000);
        TidemarkCli.Run("backup", source, "--to", folder.At("no", "store"), "--dry-run", "--json").Refused(Cli.WrongUse, "wrongUse");
        var chain = Cli.Backup(source, folder.At("store"), "--chain", "mine").Text("chain");
        var other = Cli.Noise(folder, "other", 100_000, 2);
        TidemarkCli.Run("backup", other, "--to", chain, "--dry-run", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.False(Directory.Exists(folder.At("no")));
    }

    [Fact]
    public void A_new_chain_is_said_to_be_one_and_data_and_zeros_are_told_apart()
    {
        var source = folder.Sparse("source", 8 << 20);
        Cli.Overwrite(source, 1 << 20, 4096 * 10, 3);
        var first = TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--chain", "mine").Succeeded().Output;
        Assert.Contains("begins a new chain", first, StringComparison.Ordinal);
        Assert.Contains("40.0 KiB of data", first, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "new chain", TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--chain", "mine").Succeeded().Output, StringComparison.Ordinal);
        var images = TidemarkCli.Run("list", folder.At("store"), "--json").Succeeded().Events.Single(e => e.Text("event") == "chain").GetProperty("images");
        Assert.Equal(4096 * 10, images[0].Number("dataBytes"));
        Assert.Equal(0, images[1].Number("dataBytes"));
    }

    [Fact]
    public void A_full_store_says_how_much_is_free()
    {
        Mount.Require("ext4");
        using var small = SmallMount.Make(folder, "ext4", 8 << 20);
        var source = Cli.Noise(folder, "source", 16 << 20);
        var message = TidemarkCli.Run("backup", source, "--to", Path.Combine(small.Path, "store"), "--json").Refused(Cli.Failed, "failed");
        Assert.Matches(@"\d+ bytes are free", message);
        Assert.Contains("dry run", message, StringComparison.Ordinal);
    }

    private static string[] Tree(string path) => Directory.Exists(path)
        ? [.. Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(entry => $"{entry} {File.GetLastWriteTimeUtc(entry):O}")]
        : [];
}
