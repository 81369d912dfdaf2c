using System.Globalization;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Self;

/// <summary>That random tests can be run again by one number.</summary>
[DiffersBySystem]
public class SeedTests
{
    // Names the file the children below write to; they do nothing in an ordinary run.
    private const string ChildVariable = "TIDEMARK_SEED_TEST_FILE";

    private static string? ChildFile => Environment.GetEnvironmentVariable(ChildVariable);

    [Fact]
    public void One_name_gives_one_sequence_and_another_name_another()
    {
        Assert.Equal(Seed.Random("a").Next(), Seed.Random("a").Next());
        Assert.NotEqual(Seed.Of("a"), Seed.Of("b"));
    }

    [Fact]
    public void A_property_starts_from_the_seed_of_its_name()
    {
        var one = new SeededPropertyAttribute(10, method: "One");
        Assert.Equal(one.Replay, new SeededPropertyAttribute(10, method: "One").Replay);
        Assert.NotEqual(one.Replay, new SeededPropertyAttribute(10, method: "Two").Replay);
        // The second word, SplitMix's increment, is odd.
        Assert.Matches(@"^\(\d+,\d*[13579]\)$", one.Replay);
        Assert.Equal(0, one.MaxTest % 10);
    }

    [Fact]
    public void Runs_with_one_seed_draw_the_same_and_with_another_seed_others()
    {
        using var folder = new TempFolder();
        var first = Drawn(folder.At("first"), "12345");
        Assert.Equal(ChildCases, first.Length);
        Assert.Equal(first, Drawn(folder.At("again"), "12345"));
        Assert.NotEqual(first, Drawn(folder.At("other"), "54321"));
    }

    [Fact]
    public void A_run_says_its_seed_and_a_failure_says_the_case()
    {
        using var folder = new TempFolder();
        var result = RunChild(folder.At("unused"), "777", nameof(FailingProperty));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("TIDEMARK_SEED=777", result.Error, StringComparison.Ordinal);
        Assert.Contains("Falsifiable", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_that_is_no_number_ends_the_run()
    {
        using var folder = new TempFolder();
        var result = RunChild(folder.At("unused"), "many", nameof(DrawingProperty)).EndedWith(2);
        Assert.Contains("'many'", result.Error, StringComparison.Ordinal);
    }

    private const int ChildCases = 30;

    public class DrawingProperty
    {
        [SeededProperty(ChildCases)]
        public void Draws(int number)
        {
            if (ChildFile != null)
            {
                File.AppendAllText(ChildFile, string.Create(CultureInfo.InvariantCulture, $"{number}\n"));
            }
        }
    }

    public class FailingProperty
    {
        [SeededProperty]
        public bool Fails_in_a_child(int number) => ChildFile == null || number < 5;
    }

    private static string[] Drawn(string file, string seed)
    {
        RunChild(file, seed, nameof(DrawingProperty)).Succeeded();
        return File.ReadAllLines(file);
    }

    private static ToolResult RunChild(string file, string seed, string testClass) => Tool.Start(
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Tidemark.Harness.exe" : "Tidemark.Harness"),
        ["-noLogo", "-noColor", "-class", $"{typeof(SeedTests).FullName}+{testClass}"],
        Patience.Limit,
        environment: new Dictionary<string, string?>
        {
            [Seed.Variable] = seed,
            [ChildVariable] = file,
            [SeededPropertyAttribute.EffortVariable] = null,
        });
}
