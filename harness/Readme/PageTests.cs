using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>The pages for users: each is listed, every link leads somewhere, and they are installed with the program.</summary>
public class PageTests
{
    [Fact]
    [Case("5.12")]
    public void Every_page_is_listed_and_says_what_the_lists_promise()
    {
        var list = File.ReadAllText(Repository.PathOf("engine/docs/README.md"));
        var pages = Directory.GetFiles(Repository.PathOf("engine/docs"), "*.md").Select(Path.GetFileName).Where(name => name != "README.md").ToArray();
        Assert.All(pages, page => Assert.Contains($"[{page}]({page})", list, StringComparison.Ordinal));
        Assert.Contains("schedules.md", pages);
        Assert.Contains("room.md", pages);
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
            "docs/README.md", "docs/schedules.md", "docs/room.md", "docs/live-volumes.md", "docs/JSON.md",
            "packaging/linux/tidemark-frozen", "packaging/systemd/tidemark-nightly.service", "packaging/systemd/tidemark-nightly.timer",
        ];
        Assert.All(installed, file => Assert.True(File.Exists(Path.Combine(folder, file)), $"{file} isn't installed."));
        Assert.True(File.GetUnixFileMode(Path.Combine(folder, "packaging/linux/tidemark-frozen")).HasFlag(UnixFileMode.UserExecute));
    }
}
