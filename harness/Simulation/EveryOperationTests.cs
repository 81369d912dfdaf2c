using System.Globalization;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// One history, and each fault at each call that it makes to its store and its source: none is left out by chance. After
/// the fault the history goes on, so that the next run proves that it can.
/// </summary>
public class EveryOperationTests
{
    // Encrypted, in parts of 64 KiB, of which a full image has three.
    private const string Start = "s1-7-18-130000";

    // A full image, an incremental one, a differential one, a key change, an incremental one with the new key.
    private const string History =
        "_Backup.0.0.1_Change.0.4.2_Backup.0.3.4_Change.70000.4.5_Backup.0.1.7_ChangeKey.0.0.0_Change.0.1.3_Backup.0.3.10";

    // More calls than any operation makes.
    private const int Bound = 1000;

    [Theory]
    [InlineData(nameof(FaultKind.PowerLoss), 1)]
    [InlineData(nameof(FaultKind.PowerLoss), 2)]
    [InlineData(nameof(FaultKind.Kill), 0)]
    [InlineData(nameof(FaultKind.Cancel), 0)]
    public void A_run_that_ends_at_any_call_leaves_the_old_tip_and_no_half_of_a_new_one(string kind, int draw) => Sweep(kind, draw);

    [Theory]
    [InlineData(nameof(FaultKind.ReadError), 1)]
    [InlineData(nameof(FaultKind.ShortRead), 1)]
    [InlineData(nameof(FaultKind.WriteError), 0)]
    [InlineData(nameof(FaultKind.WriteError), 1)]
    [InlineData(nameof(FaultKind.NoSpace), 0)]
    [InlineData(nameof(FaultKind.NoSpace), 1)]
    [InlineData(nameof(FaultKind.FailingFlush), 0)]
    [InlineData(nameof(FaultKind.StoreGone), 2)]
    [InlineData(nameof(FaultKind.SourceError), 1)]
    [InlineData(nameof(FaultKind.SourceTransient), 1)]
    [InlineData(nameof(FaultKind.SourceShort), 1)]
    [InlineData(nameof(FaultKind.SourceGone), 1)]
    public void An_error_of_any_call_loses_nothing(string kind, int draw) => Sweep(kind, draw);

    [Theory]
    [InlineData(nameof(FaultKind.LyingFlush), 1)]
    [InlineData(nameof(FaultKind.MisdirectedWrite), 1)]
    [InlineData(nameof(FaultKind.RepeatedWrite), 1)]
    public void What_a_lying_disk_costs_is_named(string kind, int draw) => Sweep(kind, draw, "_Verify.0.2.0_Backup.0.3.1.PowerLoss.4.5_Verify.0.2.0");

    private static void Sweep(string kind, int draw, string then = "")
    {
        OnlyOn.Linux();
        var fault = Enum.Parse<FaultKind>(kind);
        var whole = Scenario.Parse(Start + History + then);
        var tally = new Tally();
        for (var i = 0; i < whole.Operations.Count; i++)
        {
            if (whole.Operations[i].Fault is null && whole.Operations[i].Kind != OperationKind.Change)
            {
                SweepOperation(whole, i, fault, draw, tally);
            }
        }

        Assert.True(tally.Faults >= 8, $"{fault} struck {tally.Faults} times only");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fault}: {tally.Faults} times"));
    }

    private static void SweepOperation(Scenario whole, int operation, FaultKind kind, int draw, Tally tally)
    {
        for (var at = 0; at < Bound; at++)
        {
            var its = whole.Operations[operation] with { Fault = new Fault(kind, at, draw) };
            var scenario = whole with { Operations = [.. whole.Operations.Take(operation), its, .. whole.Operations.Skip(operation + 1)] };
            var before = tally.Of(kind);
            try
            {
                World.Run(scenario, tally);
            }
            catch (SimulationFailure e)
            {
                Assert.Fail($"harness/soak --replay {scenario}: operation {e.Step}: {e.Message}\n{e.InnerException}");
            }

            if (tally.Of(kind) == before)
            {
                return;
            }
        }

        Assert.Fail($"an operation of more than {Bound} calls");
    }
}
