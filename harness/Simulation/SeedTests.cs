using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Simulation;

/// <summary>A bounded number of fresh histories each run, and every one that ever failed.</summary>
public class SeedTests
{
    // Some ten seconds; harness/soak runs as many as one likes.
    private static readonly int fresh = LongForm.Or(40, 80);

    public static TheoryData<string> Regressions => [.. File.ReadAllLines(Repository.PathOf("harness/Simulation/regressions.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')];

    [Fact]
    public void Fresh_histories_keep_every_promise()
    {
        OnlyOn.Linux();
        var seed = Seed.Of(nameof(Fresh_histories_keep_every_promise)) >> 32;
        var tally = new Tally();
        for (var i = 0UL; i < (ulong)fresh; i++)
        {
            try
            {
                World.Run(Scenario.Generate(seed + i), tally);
            }
            catch (SimulationFailure e)
            {
                Assert.Fail($"harness/soak --replay {seed + i}: operation {e.Step}: {e.Message}\n{e.InnerException}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
    }

    [Theory]
    [MemberData(nameof(Regressions))]
    public void A_history_that_once_broke_a_promise_keeps_it(string scenario)
    {
        var failure = Shrinker.Failure(Scenario.Parse(scenario));
        Assert.True(failure is null, $"operation {failure?.Step}: {failure?.Message}\n{failure?.InnerException}");
    }

    [Fact]
    public void A_history_repeats_itself_call_by_call()
    {
        var seed = Seed.Of(nameof(A_history_repeats_itself_call_by_call)) >> 32;
        for (var i = 0UL; i < 5; i++)
        {
            var scenario = Scenario.Generate(seed + i);
            Assert.Equal(World.Run(scenario, new Tally()), World.Run(scenario, new Tally()));
        }
    }

    [Fact]
    public void A_scenario_survives_its_text()
    {
        var scenario = Scenario.Generate(Seed.Of(nameof(A_scenario_survives_its_text)));
        var back = Scenario.Parse(scenario.ToString());
        Assert.Equal(scenario with { Operations = back.Operations }, back);
        Assert.Equal(scenario.Operations, back.Operations);
    }
}
