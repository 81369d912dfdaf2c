using System.Text.RegularExpressions;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>
/// What README.md and the pages of engine/docs tell their readers to type is typed here, and does what it says there. An example that nobody has written
/// a proof for fails.
/// </summary>
public partial class ReadmeExampleTests
{
    public static TheoryData<string> Examples => ExampleProofs.Examples(patient: false);

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_does_what_the_README_says(string example) => ExampleProofs.Prove(example);

    [Fact]
    public void An_example_without_a_proof_fails() =>
        Assert.Throws<Xunit.Sdk.FailException>(() => ExampleProofs.Prove("tidemark list /backup --everything"));

    [Fact]
    public void No_proof_is_of_an_example_that_is_gone() =>
        Assert.Empty(ExampleProofs.All.Keys.Concat(WindowsExamples.All).Except(ReadmeText.Examples.Select(example => example.Command)));

    [Fact]
    public void Every_verb_has_an_example()
    {
        var shown = ReadmeText.Examples.SelectMany(example => example.Command.Split('\n')).Select(line => line.Split(' ').ElementAtOrDefault(1));
        Assert.Empty(Tidemark.Cli.CommandLine.Create().Subcommands.Select(verb => verb.Name).Except(shown));
    }

    [Fact]
    public void Commands_in_running_text_are_ones_that_the_program_takes()
    {
        // One that stands for many, or is cut short, is no command.
        var commands = ReadmeText.Spans.Where(span => span.Command.StartsWith("tidemark ", StringComparison.Ordinal))
            .Where(span => !span.Command.Contains('…', StringComparison.Ordinal) && !span.Command.Contains("VERB", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(commands);
        Assert.All(commands, span => ReadmeCommands.Parses(span.Command.Split(' ')[1..]));
    }

    [Fact]
    public void Options_in_running_text_are_ones_that_the_program_has()
    {
        var named = ReadmeText.Spans.Where(span => span.Command.StartsWith("--", StringComparison.Ordinal))
            .SelectMany(span => Option().Matches(span.Command).Select(match => match.Value)).Distinct().ToArray();
        Assert.True(named.Length > 10);
        Assert.Empty(named.Except(ReadmeCommands.Options));
    }

    [Fact]
    public void Rows_and_blocks_are_read_and_other_tables_are_not()
    {
        string[] text =
        [
            "# A", "| to | say |", "| --- | --- |", "| do `x` | no |", "| … it | `tidemark it` |", "", "| with | say |", "| no | `tidemark no` |",
            "", "    one \\", "    two", "text `span`", "## B", "    three",
            "```console", "$ four", "said", "    so", "$ five", "```", "```text", "    a picture", "```", "    six",
        ];
        Assert.Equal(
            [
                new ReadmeExample(5, "A", "tidemark it"), new ReadmeExample(10, "A", "one \\\ntwo"), new ReadmeExample(14, "B", "three"),
                new ReadmeExample(16, "B", "four", "said\n    so"), new ReadmeExample(19, "B", "five"), new ReadmeExample(24, "B", "six"),
            ],
            ReadmeText.Read(text));
    }

    [Fact]
    public void Shown_output_is_compared_but_for_numbers_ids_and_the_reader()
    {
        Assert.Equal(
            ShownOutput.Shape("Image 1 of /backup/sdb1-1b4e28ba\n  read 8.0 MiB in 0.1 s (80.0 MiB/s, io_uring)\n"),
            ShownOutput.Shape("Image 12 of /backup/sdb1-0a0b0c0d\n  read   512 B in 1.5 s (341 B/s, pread)"));
        Assert.NotEqual(ShownOutput.Shape("holds 1 B of data"), ShownOutput.Shape("changed 1 B of data"));
    }

    [GeneratedRegex("--[a-z][a-z-]*")]
    private static partial Regex Option();
}
