using Tidemark.Engine.Operations.Points;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Operations;

/// <summary>Moments as people name them, in the zone of the machine.</summary>
[Case("5.10")]
public class PointTimeTests
{
    [Theory]
    [InlineData("2026-11-27", "2026-11-27T23:59:59.9999999+01:00")]
    [InlineData("2026-07-01", "2026-07-01T23:59:59.9999999+02:00")]
    [InlineData("2026-11-27T12:00", "2026-11-27T12:00:59.9999999+01:00")]
    [InlineData("2026-11-27T12:00:30", "2026-11-27T12:00:30.9999999+01:00")]
    [InlineData("2026-11-27T12:00Z", "2026-11-27T12:00:59.9999999+00:00")]
    [InlineData("2026-11-27T12:00:30-05:00", "2026-11-27T12:00:30.9999999-05:00")]
    [InlineData("today", "2026-03-29T23:59:59.9999999+02:00")]
    [InlineData("Yesterday", "2026-03-28T23:59:59.9999999+01:00")]
    // The hour that summer time leaves out, and the one that comes twice when it ends.
    [InlineData("2026-03-29T02:30", "2026-03-29T02:30:59.9999999+01:00")]
    [InlineData("2026-10-25T02:30", "2026-10-25T02:30:59.9999999+01:00")]
    [InlineData("2028-02-29", "2028-02-29T23:59:59.9999999+01:00")]
    public void A_time_is_its_last_moment(string text, string moment) =>
        Assert.Equal(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture), PointTime.TryParse(text, new Berlin()));

    [Theory]
    [InlineData("1")]
    [InlineData("20261127")]
    [InlineData("2026")]
    [InlineData("2026-1-2")]
    [InlineData("2026-02-30")]
    [InlineData("2026-11-27 12:00")]
    [InlineData("2026-11-27T25:00")]
    [InlineData("2026-11-27T12")]
    [InlineData("9999-12-31")]
    [InlineData("latest")]
    [InlineData("tomorrow")]
    [InlineData("")]
    public void Anything_else_is_none(string text) => Assert.Null(PointTime.TryParse(text, new Berlin()));

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("0001-01-01T00:00")]
    [InlineData("0001-01-01T00:00+14:00")]
    [InlineData("9999-12-31T23:59")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    public void The_ends_of_the_calendar_are_no_defect(string text) => _ = PointTime.TryParse(text, new Berlin());

    /// <summary>A rule of its own, since a machine may have no table of zones: summer time from 29 March to 25 October 2026.</summary>
    private sealed class Berlin : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone(
            "Berlin", TimeSpan.FromHours(1), "Berlin", "standard", "summer",
            [
                TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                    new DateTime(2026, 1, 1), new DateTime(2026, 12, 31), TimeSpan.FromHours(1),
                    TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 29),
                    TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 25)),
            ]);

        // Half an hour after summer time began, which is no hour of the day before.
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero);
    }
}
