using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.RealFaults;

/// <summary>Backups that are killed at moments which the seed draws, onto real file systems.</summary>
public sealed class KillTests : IDisposable
{
    /// <summary>What a backup of these sizes takes at full speed, from the start of the process to its end.</summary>
    private const int LongestMilliseconds = 150;

    /// <summary>What it takes held to 48 MiB a second, where most of the time is between the first frame and the last.</summary>
    private const int LongestSlowMilliseconds = 450;

    /// <summary>After so many, the chain begins anew.</summary>
    private const int MostImages = 12;

    private readonly TempFolder place = new("kill");

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("exfat")]
    public void A_backup_that_is_killed_leaves_the_old_tip_whole_and_its_image_complete_or_absent(string fileSystem)
    {
        var random = Seed.Random($"kill {fileSystem}");
        using var mount = SmallMount.Make(place, fileSystem, 448 << 20);
        using var store = new StoreOnDisk(place, mount.Path, 16 << 20, random);
        store.Begin();
        var rounds = FaultRun.Rounds(4);
        var killed = 0;
        var committed = 0;
        for (var round = 0; round < rounds; round++)
        {
            if (store.Images > MostImages)
            {
                store.Renew();
            }

            store.Change();
            var slow = random.Next(2) == 0;
            string[] speed = slow ? ["--max-rate", "48M"] : [];
            string[] parts = random.Next(2) == 0 ? ["--split", "2M"] : [];
            using var run = RunningCli.Start(store.Arguments([.. speed, .. parts]));
            Thread.Sleep(random.Next(slow ? LongestSlowMilliseconds : LongestMilliseconds));
            killed += run.HasEnded ? 0 : 1;
            run.Kill();
            committed += store.Check() ? 1 : 0;
        }

        store.End();
        FaultRun.Tell(
            $"kill -9 on {fileSystem}: {rounds} backups, {killed} killed, {committed} had committed; {store.Compared} restores compared bit for bit");
    }
}
