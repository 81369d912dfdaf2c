using System.Text.RegularExpressions;
using Tidemark.Cli.Output;
using Tidemark.Engine;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>An embeddable library names conditions; what the command line calls them, the command line says.</summary>
public sealed partial class MessageTests
{
    /// <summary>The advice of another program, and a format's text that lies on disks.</summary>
    private static readonly string[] Others = ["sfdisk", "tidemark restore IMAGE TARGET --resume"];

    [Fact]
    public void No_text_of_the_engine_names_an_option()
    {
        var lines = SourceFile.Code.Where(file => file.IsIn("engine/lib"))
            .SelectMany(file => file.Lines(line => Text().Matches(line).Any(match => Option().IsMatch(match.Value)) && !Others.Any(line.Contains)));
        Assert.Empty(lines);
    }

    /// <summary>Arguments for other programs are words of their own, and texts for people have spaces.</summary>
    [Theory]
    [InlineData("throw new X($\"{path} is there already. Give --force to replace it.\");", true)]
    [InlineData("+ \"--format raw, or the name of a file.\");", true)]
    [InlineData("run([\"--detach\", device], $\"--socket={socket}\");", false)]
    [InlineData("held[pick] = held[--count];", false)]
    public void An_option_in_a_text_is_seen(string line, bool seen) =>
        Assert.Equal(seen, Text().Matches(line).Any(match => Option().IsMatch(match.Value)));

    [Fact]
    public void Every_advice_has_words_of_both()
    {
        Assert.All(Enum.GetValues<Advice>().Where(advice => advice != Advice.None), advice =>
        {
            var error = new TidemarkException(TidemarkError.WrongUse, "It is so.", advice: advice);
            Assert.StartsWith("It is so. ", error.Message, StringComparison.Ordinal);
            Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("--", error.Message, StringComparison.Ordinal);
            Assert.Contains("--", AdviceText.With(error), StringComparison.Ordinal);
        });
        Assert.Equal("It is so.", AdviceText.With(new TidemarkException(TidemarkError.Failed, "It is so.")));
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Text();

    [GeneratedRegex("(?:^\"|[ (])--[a-z][a-z-]* |[ (]--[a-z]")]
    private static partial Regex Option();
}
