using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Which chain a backup goes into, and what becomes of it.</summary>
[DiffersBySystem]
public sealed class ChainTests : IDisposable
{
    private readonly TempFolder folder = new("chains");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_goes_into_a_chain_and_every_point_comes_back()
    {
        var source = Cli.Noise(folder, "source", 1_234_567);
        var store = folder.At("store");
        var hashes = new List<string> { FileTree.Hash(source) };
        var first = Cli.Backup(source, store);
        string[] kinds = ["incremental", "differential", "incremental"];
        for (var i = 0; i < kinds.Length; i++)
        {
            Cli.Overwrite(source, 300_000 * i, 10_000, i + 2);
            hashes.Add(FileTree.Hash(source));
            var result = Cli.Backup(source, store, "--kind", kinds[i]);
            Assert.Equal(kinds[i], result.Text("kind"));
            Assert.Equal(first.Text("chain"), result.Text("chain"));
            Assert.InRange(result.Number("changedBlocks"), 3, 8);
        }

        for (var i = 0; i < hashes.Count; i++)
        {
            var target = folder.At($"target{i}");
            TidemarkCli.Run("restore", first.At(i + 1), target).Succeeded();
            Assert.Equal(hashes[i], FileTree.Hash(target));
        }

        TidemarkCli.Run("verify", store, "--deep", "--against", source).Succeeded();
        Assert.Contains("1 chain, 4 images", TidemarkCli.Run("list", store).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("incremental", TidemarkCli.Run("show", $"{first.Text("chain")}@latest").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_that_was_moved_and_renamed_is_continued_where_it_is()
    {
        var source = Cli.Noise(folder, "source", 500_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        Directory.CreateDirectory(folder.At("elsewhere"));
        var moved = folder.At("elsewhere", "another name");
        Directory.Move(chain, moved);
        Cli.Overwrite(source, 0, 100, 5);
        var found = Cli.Backup(source, folder.At("elsewhere"));
        Assert.Equal((moved, 2L), (found.Text("chain"), found.Number("sequence")));
        // A chain's own folder is taken as that chain.
        Assert.Equal(3, Cli.Backup(source, moved).Number("sequence"));
        TidemarkCli.Run("restore", moved, folder.At("target")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
        // Where it was, nothing is left, so that a new chain begins.
        Assert.Equal(1, Cli.Backup(source, folder.At("store")).Number("sequence"));
    }

    [Fact]
    public void Chains_of_one_source_have_names()
    {
        var source = Cli.Noise(folder, "source", 100_000);
        var store = folder.At("store");
        foreach (var name in new[] { "daily", "weekly", "daily" })
        {
            Assert.Equal(folder.At("store", name), Cli.Backup(source, store, "--chain", name).Text("chain"));
        }

        Directory.Move(folder.At("store", "daily"), folder.At("store", "renamed"));
        var continued = Cli.Backup(source, store, "--chain", "daily");
        Assert.Equal((folder.At("store", "renamed"), 3L), (continued.Text("chain"), continued.Number("sequence")));
        // Which of the two would be meant without a name?
        TidemarkCli.Run("backup", source, "--to", store, "--json").Refused(Cli.WrongUse, "wrongUse");
    }

    [Fact]
    public void A_chain_of_another_source_is_refused_and_taken_with_adopt()
    {
        var store = folder.At("store");
        var one = Cli.Noise(folder, "one", 100_000);
        var two = Cli.Noise(folder, "two", 200_000, 2);
        Cli.Backup(one, store, "--chain", "name");
        var message = TidemarkCli.Run("backup", two, "--to", store, "--chain", "name", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("--adopt", message, StringComparison.Ordinal);
        var adopted = Cli.Backup(two, store, "--chain", "name", "--adopt");
        Assert.Equal((2L, 200_000L), (adopted.Number("sequence"), adopted.Number("sourceBytes")));
        TidemarkCli.Run("restore", adopted.At(1), folder.At("1")).Succeeded();
        TidemarkCli.Run("restore", adopted.At(2), folder.At("2")).Succeeded();
        Assert.Equal(FileTree.Hash(one), FileTree.Hash(folder.At("1")));
        Assert.Equal(FileTree.Hash(two), FileTree.Hash(folder.At("2")));
    }

    [Fact]
    public void An_image_in_parts_is_one_image()
    {
        var source = Cli.Noise(folder, "source", 1_000_000);
        var result = Cli.Backup(source, folder.At("store"), "--split", "256K", "--compress", "none", "--block-size", "16K");
        var files = Directory.GetFiles(result.Text("chain"), "000001*");
        Assert.True(files.Length >= 4, string.Join(", ", files));
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 1, 256 << 10));
        Assert.Equal(files.Sum(f => new FileInfo(f).Length), result.Number("storedBytes"));
        Assert.Equal(files.Length, TidemarkCli.Run("show", result.Text("chain"), "--json").Result.GetProperty("image").Number("parts"));
        TidemarkCli.Run("restore", result.Text("chain"), folder.At("target")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
    }

    [Fact]
    public void What_a_chain_is_made_of_cannot_be_changed()
    {
        var source = Cli.Noise(folder, "source", 100_000);
        var store = folder.At("store");
        Cli.Backup(source, store, "--block-size", "16K", "--hash", "blake3", "--compress", "lz4");
        TidemarkCli.Run("backup", source, "--to", store, "--block-size", "4K", "--json").Refused(Cli.WrongUse, "wrongUse");
        TidemarkCli.Run("backup", source, "--to", store, "--hash", "xxh128", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Equal(16384, Cli.Backup(source, store).Number("blockSize"));
    }
}
