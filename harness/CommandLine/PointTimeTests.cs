using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Points that are named by their time, and times as people see them.</summary>
[DiffersBySystem]
[Case("5.10")]
public sealed class PointTimeTests : IDisposable
{
    private readonly TempFolder folder = new("point-time");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_newest_image_at_or_before_a_time_is_meant_in_every_verb()
    {
        var chain = ThreeDays();
        Assert.Equal(1, SequenceOf($"{chain}@2026-11-25"));
        Assert.Equal(2, SequenceOf($"{chain}@2026-11-26"));
        Assert.Equal(2, SequenceOf($"{chain}@2026-11-26T12:00"));
        Assert.Equal(1, SequenceOf($"{chain}@2026-11-26T11:59"));
        Assert.Equal(2, SequenceOf($"{chain}@2026-11-27T08:00"));
        Assert.Equal(3, SequenceOf($"{chain}@2030-01-01"));
        Assert.Equal(3, SequenceOf($"{chain}@today"));
        Assert.Equal(3, SequenceOf($"{chain}@3"));
        // The zone is the machine's: noon in UTC is the afternoon further east.
        Assert.Equal(1, SequenceOf($"{chain}@2026-11-26T12:00", "Etc/GMT-3"));
        Assert.Equal(2, SequenceOf($"{chain}@2026-11-26T15:00", "Etc/GMT-3"));
        Assert.Equal(2, SequenceOf($"{chain}@2026-11-26T12:00Z", "Etc/GMT-3"));

        TidemarkCli.Run("restore", $"{chain}@2026-11-26", folder.At("second")).Succeeded();
        Assert.Equal(FileTree.Hash(folder.At("source2")), FileTree.Hash(folder.At("second")));
        TidemarkCli.Run("diff", $"{chain}@2026-11-25", $"{chain}@2026-11-26", "--json").Succeeded();
        TidemarkCli.Run("verify", $"{chain}@2026-11-26").Succeeded();
    }

    [Fact]
    public void A_time_before_all_images_is_refused_with_the_oldest()
    {
        var chain = ThreeDays();
        var message = TidemarkCli.Run("show", $"{chain}@2026-11-24", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("its oldest is of 2026-11-25", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_cant_be_read_is_not_passed_over()
    {
        var chain = ThreeDays();
        Cli.Overwrite(Path.Combine(chain, "000002.tdi"), 0, 4096, 3);
        TidemarkCli.Run("show", $"{chain}@2026-11-26", "--json").Refused(Cli.Damaged, "damaged");
        Assert.Equal(3, SequenceOf($"{chain}@2026-11-27"));
    }

    [Fact]
    public void Times_are_shown_in_the_zone_with_its_offset()
    {
        var chain = ThreeDays();
        string In(string zone) => TidemarkCli.Run(["list", chain], new Dictionary<string, string?> { ["TZ"] = zone }).Succeeded().Output;
        Assert.Contains("2026-11-26 12:00:00 +00:00", In("UTC"), StringComparison.Ordinal);
        Assert.Contains("2026-11-26 15:00:00 +03:00", In("Etc/GMT-3"), StringComparison.Ordinal);
    }

    private static long SequenceOf(string image, string zone = "UTC") =>
        TidemarkCli.Run(["show", image, "--json"], new Dictionary<string, string?> { ["TZ"] = zone }).Succeeded().Result.GetProperty("image").Number("sequence");

    /// <summary>Three images, each made at noon of a day.</summary>
    private string ThreeDays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has its zone in its registry, and not in TZ.");
        Assert.SkipUnless(File.Exists("/usr/share/zoneinfo/Etc/GMT-3"), "Needs the table of time zones (tzdata).");
        string[] files = [.. Enumerable.Range(1, 3).Select(day => Cli.Noise(folder, $"source{day}", 100_000, day))];
        foreach (var (index, file) in files.Index())
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 11, 25 + index, 12, 0, 0, DateTimeKind.Utc));
        }

        return TidemarkCli.Run(["import", .. files, "--to", folder.At("store"), "--chain", "days", "--json"]).Succeeded().Result.Text("chain");
    }
}
