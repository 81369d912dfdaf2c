using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Readme;

/// <summary>The pages for users: each is listed, every link leads somewhere, and they are installed with the program.</summary>
public partial class PageTests
{
    private const string Index = "engine/docs/README.md";

    /// <summary>The pages of tasks: neither the project's README nor the list of pages.</summary>
    private static (string Name, string[] Lines)[] Pages => [.. ReadmeText.Pages.Skip(1).Where(page => page.Name != Index)];

    [Fact]
    [Case("5.12")]
    public void Every_page_is_listed_and_says_what_the_lists_promise()
    {
        var list = File.ReadAllText(Repository.PathOf(Index));
        Assert.All(Pages, page => Assert.Contains($"[{Path.GetFileName(page.Name)}]({Path.GetFileName(page.Name)})", list, StringComparison.Ordinal));
        Assert.Contains(Pages, page => page.Name.EndsWith("/schedules.md", StringComparison.Ordinal));
        Assert.Contains(Pages, page => page.Name.EndsWith("/room.md", StringComparison.Ordinal));
    }

    [Fact]
    public void The_README_and_each_page_are_read_in_minutes()
    {
        Assert.InRange(Words(ReadmeText.Pages[0].Lines), 600, 800);
        Assert.All(Pages, page => Assert.True(Words(page.Lines) is >= 300 and <= 700, $"{page.Name} has {Words(page.Lines)} words, not 300 to 700."));
    }

    [Fact]
    public void A_page_of_a_task_begins_with_its_commands() =>
        // What can't be done has no command.
        Assert.All(Pages.Where(page => page.Name != "engine/docs/limits.md"), page =>
        {
            // A line may say what is done, or name the case.
            var first = page.Lines.Skip(1).Where(line => line.Length > 0).Take(2).ToArray();
            Assert.True(first.Any(line => line == "| to | say |" || line.StartsWith("    ", StringComparison.Ordinal)), $"{page.Name} begins with {first[0]}");
        });

    [Fact]
    public void Every_link_leads_to_a_file_that_is_there_installed_or_not()
    {
        var links = ReadmeText.Pages.SelectMany(page => page.Lines.SelectMany(line => Link().Matches(line)).Select(match => (page.Name, Target: match.Groups["target"].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal)).ToArray();
        Assert.True(links.Length > 50);
        Assert.All(links, link => Assert.True(
            File.Exists(Repository.PathOf(Path.Combine(Path.GetDirectoryName(link.Name)!, link.Target.Split('#')[0]))), $"{link.Name} links to {link.Target}."));
        // Pages are installed without the folders around them.
        Assert.DoesNotContain(links, link => link.Name != "README.md" && link.Target.Contains('/', StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_page_calls_of_the_library_is_called_here()
    {
        var page = Pages.Single(page => page.Name == "engine/docs/embedding.md").Lines;
        var code = page.SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```").ToArray();
        Assert.NotEmpty(code);
        var called = File.ReadAllLines(Repository.PathOf("harness/Readme/LibraryExample.cs")).Select(line => line.Trim()).ToHashSet();
        Assert.All(code, line => Assert.Contains(line.Trim(), called));
    }

    [Fact]
    public void The_library_does_what_a_page_says()
    {
        using var folder = new TempFolder("library");
        var source = Noise(folder, "source", 300_000);
        var (said, result) = LibraryExample.Run(source, folder.At("store"), TestContext.Current.CancellationToken);
        Assert.Equal($"{result.Chain}@1: {result.StoredBytes} bytes stored", said);
        Assert.True(File.Exists(Path.Combine(result.Chain, "000001.tdi")));
    }

    [Fact]
    [Case("5.12")]
    public void Pages_scripts_and_the_contract_of_JSON_are_installed_with_the_program()
    {
        // The native program stands in a folder of its own; what is built for the tests has no such folder.
        Assert.SkipUnless(TidemarkCli.IsNative && !OperatingSystem.IsWindows(), "Needs the published program (TIDEMARK_EXE).");
        var folder = Path.GetDirectoryName(TidemarkCli.Command.Program)!;
        string[] installed =
        [
            "docs/README.md", .. Pages.Select(page => $"docs/{Path.GetFileName(page.Name)}"), "docs/JSON.md",
            "packaging/linux/tidemark-frozen", "packaging/systemd/tidemark-nightly.service", "packaging/systemd/tidemark-nightly.timer",
        ];
        Assert.All(installed, file => Assert.True(File.Exists(Path.Combine(folder, file)), $"{file} isn't installed."));
        Assert.True(File.GetUnixFileMode(Path.Combine(folder, "packaging/linux/tidemark-frozen")).HasFlag(UnixFileMode.UserExecute));
    }

    private static int Words(string[] lines) => lines.Sum(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);

    [GeneratedRegex(@"\]\((?<target>[^)]+)\)")]
    private static partial Regex Link();
}
