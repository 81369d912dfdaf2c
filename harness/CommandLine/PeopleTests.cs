using Tidemark.Cli.Arguments;
using Tidemark.Cli.Output;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What people see.</summary>
[DiffersBySystem]
public sealed class PeopleTests : IDisposable
{
    private readonly TempFolder folder = new("people");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Text_for_people_is_no_JSON_and_has_no_codes_of_terminals_in_a_pipe()
    {
        var source = Cli.Noise(folder, "source", 300_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        Cli.Overwrite(source, 8192, 4096, 2);
        string[][] runs =
        [
            ["backup", source, "--to", folder.At("store")], ["list", folder.At("store")], ["show", chain],
            ["restore", chain, folder.At("target")], ["verify", chain, "--against", source], ["diff", $"{chain}@1", $"{chain}@2"],
            ["sources"], ["--help"],
        ];
        foreach (var run in runs)
        {
            var result = TidemarkCli.Run(run).Succeeded();
            Assert.NotEmpty(result.Output);
            Assert.DoesNotContain('{', result.Output);
            Assert.DoesNotContain('\e', result.Output);
            Assert.Empty(result.Error);
        }

        Assert.Contains("8192\t4096\n", TidemarkCli.Run(runs[5]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_there_is_a_bar_and_the_summary_stays()
    {
        Tool.Require("script");
        var source = Cli.Noise(folder, "source", 3_000_000);
        var (program, leading) = TidemarkCli.Command;
        var command = string.Join(' ', [program, .. leading, "backup", source, "--to", folder.At("store")]);
        var environment = new Dictionary<string, string?> { ["TERM"] = "xterm-256color", ["COLUMNS"] = "120" };
        // script gives the program a terminal of its own.
        var result = Tool.Start("script", ["--quiet", "--return", "--command", command, "/dev/null"], Patience.Limit, environment: environment);
        result.Succeeded();
        Assert.Contains("Image 1 (full)", result.Output, StringComparison.Ordinal);
        Assert.Contains("scan", result.Output, StringComparison.Ordinal);
        Assert.Contains('\e', result.Output);
        var listed = Tool.Start(
            "script", ["--quiet", "--return", "--command", string.Join(' ', [program, .. leading, "list", folder.At("store")]), "/dev/null"],
            Patience.Limit, environment: new Dictionary<string, string?>(environment) { ["NO_COLOR"] = "1" });
        Assert.Contains("full", listed.Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [Case("5.6")]
    [InlineData(20)]
    [InlineData(45)]
    [InlineData(70)]
    [InlineData(100)]
    [InlineData(300)]
    public void Tables_fit_the_width_and_keep_words_whole(int width)
    {
        const string Guid = "gpt-disk:0fc63daf-8483-4772-8e79-3d69d8477de4";
        var table = new TextTable("path", "size>", "what it is", "label", "identity");
        table.Add("/dev/sda", "4.0 GiB", "disk with GPT, 3 partitions, and a note that is rather long", "", Guid);
        table.Add("  /dev/sda1", "1.0 GiB", "ext4 volume", "root", "ext:9f3c1e5a-0000-4000-8000-000000000001");
        using var written = new StringWriter();
        table.Write(written, "  ", width);
        var text = written.ToString();
        Assert.Contains(Guid, text, StringComparison.Ordinal);
        Assert.All("disk with GPT, 3 partitions, and a note that is rather long".Split(' '), word => Assert.Contains(word, text, StringComparison.Ordinal));
        if (width >= 100)
        {
            Assert.All(text.ReplaceLineEndings("\n").Split('\n'), line => Assert.InRange(line.Length, 0, width));
        }
    }

    [Fact]
    [Case("5.6")]
    public void A_list_names_a_source_by_what_people_know()
    {
        var source = Cli.Noise(folder, "source", 300_000);
        Cli.Backup(source, folder.At("store"));
        var plain = TidemarkCli.Run("list", folder.At("store")).Succeeded().Output;
        Assert.Contains("source  a file, by its place", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("file-node", plain, StringComparison.Ordinal);
        Assert.Contains("file-node:", TidemarkCli.Run("list", folder.At("store"), "--json").Succeeded().Events[0].Text("identity"), StringComparison.Ordinal);

        var known = SourceIdentity.Of(
            new IdentityItem(IdentityKind.FilePath, "0123"), new IdentityItem(IdentityKind.FileNode, "4567"), new IdentityItem(IdentityKind.FileSystem, "ext:1b4e28ba"));
        Assert.Equal("ext:1b4e28ba", known.ToShortString());
    }

    [Fact]
    [Case("5.6")]
    public void Nobody_is_told_to_become_what_he_is()
    {
        OnlyOn.Linux();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Needs root, whom something else forbids to read.");
        // A device without a driver's right to it: a node on a file system that allows no devices.
        var mount = folder.Folder("nodev");
        Tool.Run("mount", "-t", "tmpfs", "-o", "nodev,size=64k", "tidemark-test", mount);
        try
        {
            var device = Path.Combine(mount, "sda");
            Tool.Run("mknod", device, "b", "7", "0");
            var message = TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--json").Refused(Cli.Failed, "failed");
            Assert.Contains("You are root already", message, StringComparison.Ordinal);
            Assert.DoesNotContain("Run as root", message, StringComparison.Ordinal);
        }
        finally
        {
            Tool.Run("umount", mount);
        }
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("16K", 16 << 10)]
    [InlineData("16k", 16 << 10)]
    [InlineData("1MiB", 1 << 20)]
    [InlineData("4G", 4L << 30)]
    [InlineData("8T", 8L << 40)]
    [InlineData("512B", 512)]
    public void Sizes_are_in_powers_of_1024(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1 K")]
    [InlineData("1KK")]
    [InlineData("8388608T")]
    [InlineData("9223372036854775808")]
    public void What_is_no_size_is_refused(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1048575, "1.0 MiB")]
    [InlineData(4L << 30, "4.0 GiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes_are_told_in_three_digits_or_so(long bytes, string text) => Assert.Equal(text, PeopleText.Bytes(bytes));

    [Fact]
    public void Sequences_and_ranges_are_told_together()
    {
        Assert.Equal("none", PeopleText.Sequences([]));
        Assert.Equal("1 to 3, 5, 6, 9", PeopleText.Sequences([9, 3, 2, 1, 6, 5]));
        Assert.Equal("0 to 511, 1024 to 1024", PeopleText.Ranges([new ByteRange(0, 512), new ByteRange(1024, 1)]));
        Assert.EndsWith(" and 2 more", PeopleText.Ranges([.. Enumerable.Range(0, 12).Select(i => new ByteRange(i * 10, 1))]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_time_left_follows_the_speed_of_the_last_seconds()
    {
        var rate = new ProgressRate();
        Assert.True(rate.Take(new RunProgress("scan", 0, 1000, 0, 0), TimeSpan.FromSeconds(1)));
        Assert.Null(rate.SecondsLeft);
        Assert.False(rate.Take(new RunProgress("scan", 50, 1000, 0, 0.5), TimeSpan.FromSeconds(1)));
        Assert.True(rate.Take(new RunProgress("scan", 100, 1000, 0, 1), TimeSpan.FromSeconds(1)));
        Assert.Equal((100L, 9L), (rate.BytesPerSecond, rate.SecondsLeft));
        for (var i = 2; i <= 40; i++)
        {
            rate.Take(new RunProgress("scan", 100 + i, 1000, 0, i), TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, rate.BytesPerSecond);
        Assert.True(rate.Take(new RunProgress("verify", 0, 1000, 0, 40.1), TimeSpan.FromSeconds(1)));
        Assert.Equal(0, rate.BytesPerSecond);
    }
}
