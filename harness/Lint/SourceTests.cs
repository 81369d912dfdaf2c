using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>The project's rules for text, held as tests.</summary>
public partial class SourceTests
{
    // A file that needs more is two things.
    private const int MostLines = 500;

    [Fact]
    public void Sources_are_found()
    {
        // The other tests here would pass on nothing.
        Assert.Contains(SourceFile.Code, file => file.Path == "engine/lib/TidemarkException.cs");
        Assert.Contains(SourceFile.Code, file => file.Path == "harness/Lint/SourceTests.cs");
        Assert.Contains(SourceFile.Projects, file => file.Path == "engine/cli/Tidemark.Cli.csproj");
        Assert.Contains(SourceFile.All, file => file.Path == "harness/test");
        Assert.DoesNotContain(SourceFile.All, file => file.Path.Contains("/obj/", StringComparison.Ordinal));
    }

    [Fact]
    public void No_file_names_a_path_of_a_developers_machine() =>
        Assert.Empty(SourceFile.All.SelectMany(file => file.Lines(line => MachinePath().IsMatch(line))));

    [Theory]
    [InlineData("see /wo", "rk/main/engine")]
    [InlineData("\"/ho", "me/ann/src\"")]
    [InlineData("/Us", "ers/ann/src")]
    [InlineData("/tmp/w", "t/io")]
    public void A_path_of_a_developers_machine_is_recognised(string head, string tail) => Assert.Matches(MachinePath(), head + tail);

    [Theory]
    [InlineData("$work/tree")]
    [InlineData("/var/tmp/tidemark")]
    [InlineData("the home/away switch")]
    public void An_ordinary_path_is_not_taken_for_one(string text) => Assert.DoesNotMatch(MachinePath(), text);

    [Fact]
    public void Nothing_is_left_to_be_done_in_code() =>
        Assert.Empty(SourceFile.Code.SelectMany(file => file.Lines(line => Unfinished().IsMatch(line))));

    [Fact]
    public void No_code_file_is_longer_than_500_lines() =>
        Assert.Empty(SourceFile.Code.Where(file => file.Text.Count(c => c == '\n') > MostLines).Select(file => file.Path));

    [Fact]
    public void No_two_files_differ_only_in_case() =>
        // Such a pair can't be checked out on Windows.
        Assert.Empty(SourceFile.All.GroupBy(file => file.Path, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1)
            .Select(group => string.Join(", ", group.Select(file => file.Path))));

    [Fact]
    public void Code_stands_in_the_namespace_of_its_project()
    {
        (string Folder, string Namespace)[] rooms =
        [
            ("interop", "Tidemark.Interop"), ("engine/lib", "Tidemark.Engine"), ("engine/cli", "Tidemark.Cli"),
            ("harness", "Tidemark.Harness"), ("fuzz", "Tidemark.Fuzz"), ("bench", "Tidemark.Bench"),
        ];
        foreach (var (folder, name) in rooms)
        {
            var wrong = SourceFile.Code.Where(file => file.IsIn(folder) && !file.IsTerraFX)
                .SelectMany(file => file.Lines(line => line.StartsWith("namespace ", StringComparison.Ordinal)
                    && line != $"namespace {name};" && !line.StartsWith($"namespace {name}.", StringComparison.Ordinal)));
            Assert.Empty(wrong);
        }
    }

    [Fact]
    public void Only_Linux_files_of_the_engine_touch_Linux() => AssertOnlyIn("Linux");

    [Fact]
    public void Only_Windows_files_of_the_engine_touch_Windows()
    {
        AssertOnlyIn("Windows");
        AssertOnlyIn("Windows", "TerraFX.");
    }

    [Fact]
    public void No_code_reads_the_clock_or_draws_a_guid_below_the_pipelines()
    {
        // Structures on disk get times and ids passed in, so that fixtures and golden images can be made again.
        string[] pure = ["engine/lib/Format", "engine/lib/Index", "engine/lib/Packing", "engine/lib/Hashing", "engine/lib/Images", "engine/lib/Volumes", "engine/lib/VirtualDisks"];
        Assert.Empty(SourceFile.Code.Where(file => pure.Any(file.IsIn)).SelectMany(file => file.Lines(line => Impure().IsMatch(line))));
    }

    [Fact]
    public void Scripts_can_be_run()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no executable bit.");
            return;
        }

        foreach (var script in new[] { ".ci/run", "harness/test", "harness/watch", "harness/soak", "harness/faults", "harness/vm-crash", "fuzz/run", "vhd-fixtures/make-fixtures" })
        {
            Assert.True(File.GetUnixFileMode(Repository.PathOf(script)).HasFlag(UnixFileMode.UserExecute), $"{script} isn't executable.");
        }
    }

    private static void AssertOnlyIn(string system, string prefix = "Tidemark.") => Assert.Empty(SourceFile.Code
        .Where(file => file.IsIn("engine") && !file.Path.EndsWith($".{system}.cs", StringComparison.Ordinal))
        .SelectMany(file => file.Lines(line => line.Contains($"{prefix}Interop.{system}", StringComparison.Ordinal))));

    // Written in pieces, so that this file doesn't find itself.
    [GeneratedRegex(@"(?<![\w.$}/])/(?:wo[r]k|ho[m]e|Us[e]rs)/\w|/tmp/w[t]\b")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(?:TO[D]O|FIX[M]E|NotImplemented[E]xception|XX[X]\b)")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bGuid\.NewGuid\(|\bDateTime(?:Offset)?\.(?:Utc)?Now\b|\bDateTime\.Today\b")]
    private static partial Regex Impure();
}
