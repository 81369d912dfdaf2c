using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Output;
using Tidemark.Cli.Verbs;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What is shown to somebody who doesn't know the verbs, or one of them, or its options.</summary>
[DiffersBySystem]
public sealed class HelpTests
{
    private static readonly RootCommand Root = Tidemark.Cli.CommandLine.Create();

    [Fact]
    [Case("5.4")]
    public void Without_a_verb_all_are_shown_in_groups()
    {
        var result = TidemarkCli.Run().EndedWith(Cli.WrongUse);
        Assert.Empty(result.Output);
        foreach (var (title, verbs) in VerbGroups.Of(Root))
        {
            Assert.Contains($"\n{title}:\n", result.Error, StringComparison.Ordinal);
            Assert.All(verbs, verb => Assert.Contains($"\n  {verb.Name} ", result.Error, StringComparison.Ordinal));
        }

        Assert.Equal("No verb is given. 'tidemark --help' shows how it is used.", TidemarkCli.Run("--json").Refused(Cli.WrongUse, "wrongUse"));
    }

    [Fact]
    [Case("5.4")]
    public void Every_verb_has_a_group() =>
        Assert.Equal(
            Root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).Order(StringComparer.Ordinal),
            VerbGroups.Of(Root).Where(g => g.Title != VerbGroups.Rest).SelectMany(g => g.Verbs).Select(v => v.Name).Order(StringComparer.Ordinal));

    [Theory]
    [Case("5.4")]
    [InlineData("restor", "restore")]
    [InlineData("bakcup", "backup")]
    [InlineData("Backup", "backup")]
    [InlineData("ver", "verify")]
    [InlineData("check", "verify")]
    [InlineData("umount", "unmount")]
    [InlineData("snapshots", "list")]
    [InlineData("boot-check", "bootcheck")]
    [InlineData("restores", "restore")]
    public void The_nearest_verb_is_named(string wrong, string right) =>
        Assert.Equal($"no verb '{wrong}'; did you mean '{right}'?", ArgumentCheck.Problem(Root, [wrong, "a"], out _));

    [Theory]
    [Case("5.4")]
    [InlineData("delete", "no verb 'delete': tidemark deletes nothing.")]
    [InlineData("prune", "no verb 'prune': tidemark deletes nothing.")]
    [InlineData("qqqqqq", "no verb 'qqqqqq'.")]
    public void A_verb_that_is_like_none_has_none_named(string word, string start)
    {
        var result = TidemarkCli.Run(word, "a").EndedWith(Cli.WrongUse);
        Assert.StartsWith($"tidemark: {start}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("did you mean", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Case("5.4")]
    public void Help_is_a_word_too()
    {
        Assert.Equal(TidemarkCli.Run("--help").Succeeded().Output, TidemarkCli.Run("help").Succeeded().Output);
        Assert.Equal(TidemarkCli.Run("restore", "--help").Succeeded().Output, TidemarkCli.Run("help", "restore").Succeeded().Output);
        Assert.Contains("did you mean 'restore'?", TidemarkCli.Run("help", "restor").EndedWith(Cli.WrongUse).Error, StringComparison.Ordinal);
    }

    [Theory]
    [Case("5.6")]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(61)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Help_fits_the_width_and_keeps_words_whole(int width)
    {
        var one = Words(Root, width);
        Assert.Equal(Words(Root, 500), one);
        foreach (var verb in Root.Subcommands)
        {
            Assert.Equal(Words(verb, 500), Words(verb, width));
        }
    }

    [Fact]
    [Case("5.6")]
    public void The_width_is_the_terminals()
    {
        Assert.Equal(80, Widest(null));
        Assert.Equal(60, Widest("60"));
        Assert.Equal(100, Widest("100"));
        Assert.Equal(80, Widest("0"));
        Assert.Equal(80, Widest("wide"));

        // A window of its own, which COLUMNS says nothing of.
        Tool.Require("script", "stty");
        var (program, leading) = TidemarkCli.Command;
        var command = $"stty cols 57; {string.Join(' ', [program, .. leading, "backup", "--help"])}";
        var shown = Tool.Start(
            "script", ["--quiet", "--return", "--command", command, "/dev/null"], Patience.Limit,
            environment: new Dictionary<string, string?> { ["COLUMNS"] = null, ["TERM"] = "xterm" });
        // The runtime sets the terminal's keys, in front of the first line.
        var lines = shown.Succeeded().Output.Replace("\e[?1h\e=", "", StringComparison.Ordinal).ReplaceLineEndings("\n").Split('\n');
        Assert.InRange(lines.Max(l => l.Length), 50, 57);
    }

    private static int Widest(string? columns)
    {
        var help = TidemarkCli.Run(["backup", "--help"], new Dictionary<string, string?> { ["COLUMNS"] = columns }).Succeeded().Output;
        var most = help.Split('\n').Max(line => line.Length);
        return new[] { 60, 80, 100 }.First(width => most <= width);
    }

    /// <summary>All words in their order, after a look at each line's width: only a word that alone is too long stands out.</summary>
    private static List<string> Words(Command command, int width)
    {
        using var text = new StringWriter();
        HelpText.Write(text, Root, command, width);
        var lines = text.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= width || line.Trim().Split(' ').Length <= 3, $"{width}: {line}"));
        return [.. lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }
}
