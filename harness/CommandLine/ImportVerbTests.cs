using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Disk files become a chain, and come out of it again as they were.</summary>
public sealed class ImportVerbTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("import");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("raw", "raw")]
    [InlineData("vhd", "vhd")]
    [InlineData("vhd", "vhd-fixed")]
    [InlineData("vhdx", "vhdx")]
    [InlineData("qcow2", "qcow2")]
    public void What_was_exported_comes_back_bit_for_bit(string extension, string format)
    {
        RequireReader(extension);
        var source = Cli.Noise(folder, "source", (5 * MiB) + 512);
        Cli.Overwrite(source, MiB, 3 * MiB, 2);
        var first = Cli.Backup(source, folder.At("store"));
        var file = folder.At($"disk.{extension}");
        TidemarkCli.Run("export", first.At(1), file, "--format", format).Succeeded();
        var imported = TidemarkCli.Run("import", file, "--to", folder.At("imported"), "--json").Succeeded().Result;
        var image = imported.GetProperty("images")[0];
        Assert.Equal((5 * MiB) + 512, image.Number("sourceBytes"));
        Assert.Equal(Created(first.Text("chain"), 1), image.GetProperty("created").GetDateTimeOffset(), TimeSpan.FromSeconds(1));
        TidemarkCli.Run("restore", imported.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("back")));
        TidemarkCli.Run("verify", imported.Text("chain"), "--deep").Succeeded();
    }

    [Theory]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    [InlineData("qcow2")]
    public void A_chain_of_files_becomes_a_chain_in_whatever_order_it_is_given(string extension)
    {
        RequireReader(extension);
        var source = Cli.Noise(folder, "source", 4 * MiB);
        var hashes = new List<string>();
        var chain = "";
        for (var i = 1; i <= 3; i++)
        {
            chain = Cli.Backup(source, folder.At("store")).Text("chain");
            hashes.Add(FileTree.Hash(source));
            string[] below = i == 1 ? [] : ["--base", folder.At($"{i - 1}.{extension}")];
            TidemarkCli.Run(["export", $"{chain}@{i}", folder.At($"{i}.{extension}"), .. below]).Succeeded();
            Cli.Overwrite(source, i * MiB, 100_000, 10 + i);
        }

        string[] files = [folder.At($"2.{extension}"), folder.At($"3.{extension}"), folder.At($"1.{extension}")];
        var run = TidemarkCli.Run(["import", .. files, "--to", folder.At("imported"), "--json"]).Succeeded();
        Assert.Equal(3, run.Events.Count(e => e.Text("event") == "image"));
        var images = run.Result.GetProperty("images").EnumerateArray().ToArray();
        Assert.Equal(["full", "incremental", "incremental"], images.Select(i => i.Text("kind")));
        Assert.Equal([folder.At($"1.{extension}"), files[0], files[1]], images.Select(i => i.Text("file")));
        Assert.All(images.Skip(1), image => Assert.InRange(image.Number("changedBytes"), 100_000, 112_000));
        var imported = run.Result.Text("chain");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(Created(chain, i), images[i - 1].GetProperty("created").GetDateTimeOffset(), TimeSpan.FromSeconds(1));
            Assert.Equal(Created(imported, i), images[i - 1].GetProperty("created").GetDateTimeOffset());
            TidemarkCli.Run("restore", $"{imported}@{i}", folder.At($"back{i}")).Succeeded();
            Assert.Equal(hashes[i - 1], FileTree.Hash(folder.At($"back{i}")));
        }
    }

    [Fact]
    public void Files_of_others_become_a_chain()
    {
        Tool.Require("qemu-img", "qemu-io");
        string[] names = [folder.At("base.qcow2"), folder.At("snap1.qcow2"), folder.At("snap2.qcow2")];
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", names[0], "8M");
        Tool.Run("qemu-io", "-f", "qcow2", "-c", "write -P 1 1M 2M", names[0]);
        for (var i = 1; i < names.Length; i++)
        {
            // Each beside its backing file, and named so.
            Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", Path.GetFileName(names[i - 1]), names[i]);
            Tool.Run("qemu-io", "-f", "qcow2", "-c", $"write -P {i + 1} {i}M 64k", "-c", "write -z 2M 64k", names[i]);
        }

        Tool.Run("qemu-img", "snapshot", "-c", "inside", names[2]);
        var result = TidemarkCli.Run("import", names[2], names[0], names[1], "--to", folder.At("store"), "--json").Succeeded().Result;
        Assert.Contains("internal snapshots", Assert.Single(result.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            TidemarkCli.Run("restore", $"{result.Text("chain")}@{i + 1}", folder.At("raw"), "--force").Succeeded();
            Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", names[i], folder.At("raw"));
        }

        // A child alone is whole, with what it builds on.
        var alone = TidemarkCli.Run("import", names[1], "--to", folder.At("alone"), "--json").Succeeded().Result;
        Assert.Contains("wasn't given", Assert.Single(alone.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
        TidemarkCli.Run("restore", alone.Text("chain"), folder.At("raw"), "--force").Succeeded();
        Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", names[1], folder.At("raw"));
    }

    [Fact]
    public void Unlinked_files_are_points_of_a_chain_that_is_named_in_the_order_of_their_times()
    {
        var newer = Cli.Noise(folder, "newer.img", MiB);
        var older = folder.At("older.img");
        File.Copy(newer, older);
        Cli.Overwrite(newer, 5000, 5000, 3);
        File.SetLastWriteTimeUtc(older, new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(newer, new DateTime(2025, 2, 28, 12, 0, 0, DateTimeKind.Utc));
        var store = folder.At("store");
        var refused = TidemarkCli.Run("import", newer, older, "--to", store, "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("--chain", refused, StringComparison.Ordinal);
        Assert.False(Directory.Exists(store));
        var result = TidemarkCli.Run("import", newer, older, "--to", store, "--chain", "machine", "--json").Succeeded().Result;
        var images = result.GetProperty("images").EnumerateArray().ToArray();
        Assert.Equal([older, newer], images.Select(i => i.Text("file")));
        Assert.Equal(new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.Zero), Created(result.Text("chain"), 1));
        Assert.Equal(2 * 4096, images[1].Number("changedBytes"));
    }

    [Fact]
    public void Compression_and_the_size_of_files_are_those_asked_for()
    {
        var file = folder.At("disk.img");
        var random = new Random(1);
        File.WriteAllText(file, string.Concat(Enumerable.Range(0, 200_000).Select(_ => $"line {random.Next(1000)}\n")));
        var stored = new List<long>();
        string[][] options = [["--compress", "none"], ["--level", "1"], ["--level", "19"]];
        foreach (var option in options)
        {
            stored.Add(Import(option).GetProperty("images")[0].Number("storedBytes"));
        }

        Assert.True(stored[0] > stored[1] && stored[1] > stored[2], string.Join(", ", stored));
        var split = Import(["--compress", "none", "--split", "512K"]).Text("chain");
        Assert.InRange(Directory.GetFiles(split).Length, 4, 10);
        Assert.All(Directory.GetFiles(split), part => Assert.InRange(new FileInfo(part).Length, 0, 512 << 10));
        TidemarkCli.Run("restore", split, folder.At("back")).Succeeded();
        Assert.Equal(FileTree.Hash(file), FileTree.Hash(folder.At("back")));
        string[] wrong = ["import", file, "--to", folder.At("s"), "--json", "--compress", "none", "--level", "3"];
        Assert.Contains("no level", TidemarkCli.Run(wrong).Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);

        System.Text.Json.JsonElement Import(string[] option) =>
            TidemarkCli.Run(["import", file, "--to", folder.At(string.Join('_', option)), "--json", .. option]).Succeeded().Result;
    }

    [Fact]
    public void What_cannot_be_imported_is_refused_by_name()
    {
        var file = Cli.Noise(folder, "a.img", MiB);
        string[] to = ["--to", folder.At("store"), "--json"];
        Assert.Contains("Give one of them", Refused([file, file]), StringComparison.Ordinal);
        Assert.Contains("is not there", Refused([folder.At("gone")]), StringComparison.Ordinal);
        File.WriteAllBytes(folder.At("bad.qcow2"), [.. "QFI\xfb"u8.ToArray().Take(3), 0xFB, .. new byte[600]]);
        TidemarkCli.Run(["import", folder.At("bad.qcow2"), .. to]).Refused(Cli.Damaged, "damaged");
        Tool.Require("qemu-img");
        Tool.Run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", "nbd://localhost/x", folder.At("far.qcow2"), "1M");
        Assert.Contains(
            "isn't the name of a file", TidemarkCli.Run(["import", folder.At("far.qcow2"), .. to]).Refused(Cli.Failed, "failed"), StringComparison.Ordinal);
        Tool.Run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", "self.qcow2", folder.At("self.qcow2"), "1M");
        TidemarkCli.Run(["import", folder.At("self.qcow2"), .. to]).Refused(Cli.Damaged, "damaged");
        Assert.False(Directory.Exists(folder.At("store")));

        string Refused(string[] files) => TidemarkCli.Run(["import", .. files, .. to]).Refused(Cli.WrongUse, "wrongUse");
    }

    private static DateTimeOffset Created(string chain, int sequence) =>
        TidemarkCli.Run("show", $"{chain}@{sequence}", "--json").Succeeded().Result.GetProperty("image").GetProperty("created").GetDateTimeOffset();

    private static void RequireReader(string extension)
    {
        if (extension == "qcow2")
        {
            Tool.Require("qemu-img");
        }
    }
}
