using System.Diagnostics;
using System.Text.Json;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>The exit code of each kind of end, and what is told with it.</summary>
[DiffersBySystem]
public sealed class ExitCodeTests : IDisposable
{
    private readonly TempFolder folder = new("exit");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("nothing-known")]
    [InlineData("backup")]
    [InlineData("backup", "/dev/null")]
    [InlineData("backup", "a", "--to", "b", "--kind", "huge")]
    [InlineData("backup", "a", "--to", "b", "--block-size", "16X")]
    [InlineData("backup", "a", "--to", "b", "--block-size", "99999999999999999999")]
    [InlineData("backup", "a", "--to", "b", "--block-size", "9000000T")]
    [InlineData("backup", "a", "--to", "b", "--block-size", "5000")]
    [InlineData("backup", "a", "--to", "b", "--block-size", "4G")]
    [InlineData("backup", "a", "--to", "b", "--split", "0")]
    [InlineData("backup", "a", "--to", "b", "--level", "fast")]
    [InlineData("backup", "a", "--to", "b", "--level", "40")]
    [InlineData("backup", "a", "--to", "b", "--compress", "none", "--level", "1")]
    [InlineData("backup", "a", "--to", "b", "--queue-depth", "0")]
    [InlineData("backup", "a", "--to", "b", "--request-size", "1")]
    [InlineData("backup", "a", "--to", "b", "--chain", "../c")]
    [InlineData("backup", "a", "--to", "b", "--passphrase-file", "c", "--key-file", "d")]
    [InlineData("verify", "a", "--quick", "--deep")]
    [InlineData("list")]
    [InlineData("sources", "all")]
    [InlineData("key", "a", "--passphrase-file", "b")]
    [InlineData("import", "--to", "b")]
    [InlineData("import", "a")]
    [InlineData("export", "a")]
    [InlineData("export", "a", "b", "--format", "vmdk")]
    public void Wrong_use_ends_with_2_and_one_line_on_standard_error(params string[] arguments)
    {
        var plain = TidemarkCli.Run(arguments).EndedWith(Cli.WrongUse);
        Assert.Empty(plain.Output);
        Assert.StartsWith("tidemark: ", plain.Error, StringComparison.Ordinal);
        Assert.Equal(1, plain.Error.Count(c => c == '\n'));

        var json = TidemarkCli.Run([.. arguments, "--json"]);
        json.Refused(Cli.WrongUse, "wrongUse");
        Assert.Empty(json.Error);
    }

    [Fact]
    public void Help_and_version_end_with_0()
    {
        Assert.Matches(@"^tidemark \d+\.\d+\.\d+\n$", TidemarkCli.Run("--version").Succeeded().Output);
        var help = TidemarkCli.Run("--help").Succeeded().Output;
        foreach (var verb in new[] { "backup", "list", "show", "restore", "export", "import", "verify", "diff", "sources", "key", "unlock" })
        {
            Assert.Contains($"  {verb} ", help + "\n", StringComparison.Ordinal);
            Assert.Contains("--json", TidemarkCli.Run(verb, "--help").Succeeded().Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_source_that_is_not_there_ends_with_an_error_that_names_it()
    {
        var result = TidemarkCli.Run("backup", folder.At("gone"), "--to", folder.At("store"), "--json");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal("error", result.Last.Text("event"));
        Assert.Contains(folder.At("gone"), result.Last.Text("message"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("store")));
    }

    [Fact]
    public void A_held_chain_ends_with_5_and_names_the_holder()
    {
        var source = Cli.Noise(folder, "source", 100_000);
        var store = folder.At("store");
        var chain = Cli.Backup(source, store).Text("chain");
        using (LocalStoreFolder.Open(chain).TryLock(out _))
        {
            var message = TidemarkCli.Run("backup", source, "--to", store, "--json").Refused(Cli.Busy, "busy");
            Assert.Contains($"process {Environment.ProcessId}", message, StringComparison.Ordinal);
            Assert.Contains("tidemark: Another run holds", TidemarkCli.Run("backup", source, "--to", store).EndedWith(Cli.Busy).Error, StringComparison.Ordinal);
            // Reading needs no lock.
            TidemarkCli.Run("restore", chain, folder.At("target")).Succeeded();
        }

        Assert.Equal(2, Cli.Backup(source, store).Number("sequence"));
    }

    [Fact]
    public void A_wrong_or_missing_key_ends_with_6_until_the_passphrase_is_changed()
    {
        var source = Cli.Noise(folder, "source", 300_000);
        var store = folder.At("store");
        File.WriteAllText(folder.At("old"), "correct horse\n");
        File.WriteAllText(folder.At("new"), "battery staple\n");
        var old = new[] { "--passphrase-file", folder.At("old") };
        var other = new[] { "--passphrase-file", folder.At("new") };
        var chain = Cli.Backup(source, store, old).Text("chain");
        var image = File.ReadAllBytes(Path.Combine(chain, "000001.tdi"));

        TidemarkCli.Run(["backup", source, "--to", store, "--json"]).Refused(Cli.Key, "key");
        TidemarkCli.Run(["backup", source, "--to", store, "--json", .. other]).Refused(Cli.Key, "key");
        TidemarkCli.Run(["restore", chain, folder.At("target"), "--json"]).Refused(Cli.Key, "key");
        TidemarkCli.Run(["restore", chain, folder.At("target"), "--json", .. other]).Refused(Cli.Key, "key");
        TidemarkCli.Run(["key", chain, "--json", "--new-passphrase-file", folder.At("new"), .. other]).Refused(Cli.Key, "key");
        Assert.False(File.Exists(folder.At("target")));

        TidemarkCli.Run(["key", chain, "--new-passphrase-file", folder.At("new"), .. old]).Succeeded();
        TidemarkCli.Run(["restore", chain, folder.At("target"), "--json", .. old]).Refused(Cli.Key, "key");
        TidemarkCli.Run(["restore", chain, folder.At("target"), .. other]).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
        TidemarkCli.Run(["verify", chain, "--deep", .. other]).Succeeded();
        Assert.Equal(2, Cli.Backup(source, store, other).Number("sequence"));
        Assert.Equal(image, File.ReadAllBytes(Path.Combine(chain, "000001.tdi")));
    }

    [Fact]
    public void Damage_ends_with_4_and_is_named_with_the_points_that_are_whole()
    {
        var source = Cli.Noise(folder, "source", 2_000_000);
        var store = folder.At("store");
        var chain = Cli.Backup(source, store).Text("chain");
        Cli.Overwrite(source, 4096, 900_000, 2);
        Cli.Backup(source, store);
        Cli.Overwrite(source, 0, 2_000_000, 3);
        Cli.Backup(source, store, "--kind", "full");
        Cli.Flip(Path.Combine(chain, "000002.tdi"), 400_000);

        var verified = TidemarkCli.Run("verify", chain, "--json").EndedWith(Cli.Damaged).Result;
        var finding = Assert.Single(verified.GetProperty("findings").EnumerateArray());
        Assert.Equal(2, finding.Number("sequence"));
        Assert.Contains("000002.tdi", finding.Text("file"), StringComparison.Ordinal);
        var whole = Assert.Single(verified.GetProperty("chains").EnumerateArray());
        Assert.Equal([1, 3], whole.GetProperty("restorable").EnumerateArray().Select(s => s.GetInt64()));
        Assert.Equal([2], whole.GetProperty("broken").EnumerateArray().Select(s => s.GetInt64()));

        var text = TidemarkCli.Run("verify", chain).EndedWith(Cli.Damaged).Output;
        Assert.Contains("DAMAGED  image 2", text, StringComparison.Ordinal);
        Assert.Contains("restorable  1, 3", text, StringComparison.Ordinal);

        TidemarkCli.Run("restore", $"{chain}@1", folder.At("1")).Succeeded();
        var restored = TidemarkCli.Run("restore", $"{chain}@2", folder.At("2"), "--json").EndedWith(Cli.Damaged).Result;
        Assert.True(restored.Number("damagedBytes") > 0);
        TidemarkCli.Run("restore", $"{chain}@3", folder.At("3")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("3")));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_signal_ends_with_130_and_leaves_the_chain_as_it_was(string signal)
    {
        Tool.Require("kill");
        var store = folder.At("store");
        var source = Cli.Noise(folder, "source", 64 << 20);
        var first = Cli.Backup(source, store, "--compress", "none");
        var before = Directory.GetFiles(first.Text("chain")).Order(StringComparer.Ordinal).ToArray();
        Cli.Overwrite(source, 0, 64 << 20, 2);

        // The slowest compression there is, so that the signal comes in its midst.
        var (program, leading) = TidemarkCli.Command;
        var start = new ProcessStartInfo(
            program, [.. leading, "backup", source, "--to", store, "--json", "--level", "19", "--queue-depth", "1", "--request-size", "64K"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        Assert.NotNull(process.StandardOutput.ReadLine());
        Tool.Run("kill", "-s", signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(process.WaitForExit(Patience.Limit), "the program goes on");
        Assert.Equal(Cli.Interrupted, process.ExitCode);
        Assert.Equal("interrupted", JsonElement.Parse(lines[^1]).Text("kind"));
        Assert.Equal(before, Directory.GetFiles(first.Text("chain")).Order(StringComparer.Ordinal));
        TidemarkCli.Run("verify", store).Succeeded();
        Assert.Equal(2, Cli.Backup(source, store).Number("sequence"));
    }

    [Fact]
    public void A_failed_run_shows_its_trace_only_where_it_is_asked_for()
    {
        var plain = TidemarkCli.Run("list", folder.At("gone"));
        Assert.NotEqual(0, plain.ExitCode);
        Assert.DoesNotContain("   at ", plain.Error, StringComparison.Ordinal);
        var traced = TidemarkCli.Run(["list", folder.At("gone")], new Dictionary<string, string?> { ["TIDEMARK_TRACE"] = "1" });
        Assert.Equal(plain.ExitCode, traced.ExitCode);
        Assert.Contains("   at ", traced.Error, StringComparison.Ordinal);
    }
}
