using Xunit;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// The simulator finds what it is there to find: where its disk lies and the oracle is told that it doesn't, as if the
/// engine had been careless, promises are broken.
/// </summary>
public class OracleTests
{
    [Fact]
    public void An_image_that_was_not_flushed_is_missed_after_a_loss_of_power() =>
        Assert.True(Broken(i => $"_Backup.0.0.0_Backup.0.0.1.LyingFlush.0.0_Backup.0.3.0.PowerLoss.1.{i}") > 0);

    [Fact]
    public void A_rename_that_was_not_flushed_is_missed_after_a_loss_of_power() =>
        Assert.True(Broken(i => $"_Backup.0.0.0_Backup.0.0.1.LyingFlush.1.0_Backup.0.3.0.PowerLoss.1.{i}") > 0);

    [Fact]
    public void A_write_that_went_elsewhere_is_noticed() =>
        Assert.True(Broken(i => $"_Backup.0.0.0_Backup.0.0.1.MisdirectedWrite.{i % 2}.{i}_Backup.0.3.2") > 5);

    [Fact]
    public void The_same_without_a_lie_breaks_nothing() =>
        Assert.Equal(0, Broken(i => $"_Backup.0.0.0_Backup.0.0.1_Backup.0.3.0.PowerLoss.1.{i}"));

    private static int Broken(Func<int, string> history)
    {
        var broken = 0;
        for (var i = 0; i < 10; i++)
        {
            var scenario = Scenario.Parse("s1-1-0-90000" + history(i));
            using var world = new World(scenario, new Tally());
            world.Disk.IsTrusted = true;
            try
            {
                scenario.Operations.ToList().ForEach(world.Take);
                world.End();
            }
            catch (Exception e) when (e is SimulationFailure or Tidemark.Engine.TidemarkException)
            {
                broken++;
            }
        }

        return broken;
    }
}
