using System.Globalization;

namespace Tidemark.Engine.Operations.Points;

/// <summary>
/// A moment as people name it behind <c>CHAIN@</c>: <c>today</c>, <c>yesterday</c>, <c>2026-11-27</c>,
/// <c>2026-11-27T12:00</c>, with seconds too, and with <c>Z</c> or an offset (<c>+01:00</c>) where the machine's own time isn't
/// meant. A day means its end. None of these is a number, so none is a sequence.
/// </summary>
internal static class PointTime
{
    private static readonly string[] LocalForms = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];
    private static readonly string[] OffsetForms = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <summary>The last moment that a text means; null where it means none.</summary>
    /// <param name="time">Says what day it is, and in which zone.</param>
    public static DateTimeOffset? TryParse(ReadOnlySpan<char> text, TimeProvider time)
    {
        var zone = time.LocalTimeZone;
        if (text.Equals("today", StringComparison.OrdinalIgnoreCase))
        {
            return EndOf(DateOnly.FromDateTime(time.GetLocalNow().DateTime), zone);
        }

        if (text.Equals("yesterday", StringComparison.OrdinalIgnoreCase))
        {
            return EndOf(DateOnly.FromDateTime(time.GetLocalNow().DateTime).AddDays(-1), zone);
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return EndOf(day, zone);
        }

        if (DateTimeOffset.TryParseExact(text, OffsetForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
        {
            return EndOf(moment, text);
        }

        return DateTime.TryParseExact(text, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? EndOf(At(local, zone), text)
            : null;
    }

    private static DateTimeOffset? EndOf(DateOnly day, TimeZoneInfo zone) =>
        day == DateOnly.MaxValue ? null : At(day.AddDays(1).ToDateTime(TimeOnly.MinValue), zone).AddTicks(-1);

    /// <summary>Images are made within a second or a minute that was named, and are meant.</summary>
    private static DateTimeOffset EndOf(DateTimeOffset moment, ReadOnlySpan<char> text)
    {
        // "T12:00" has one colon in front of an offset, "T12:00:30" two.
        var clock = text[(text.IndexOf('T') + 1)..];
        var end = clock.IndexOfAny('+', '-', 'Z');
        var unit = (end < 0 ? clock : clock[..end]).Count(':') == 1 ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1);
        // In UTC, since an offset may lead the local clock beyond the calendar's end.
        var utc = moment.ToUniversalTime();
        return utc > DateTimeOffset.MaxValue - unit ? DateTimeOffset.MaxValue : utc + unit - TimeSpan.FromTicks(1);
    }

    /// <summary>
    /// An hour that comes twice when summer time ends means the second time, since the newest point is wanted; one that
    /// summer time leaves out is read as by the clocks before it.
    /// </summary>
    private static DateTimeOffset At(DateTime local, TimeZoneInfo zone)
    {
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Min() : zone.GetUtcOffset(local);
        var utc = local.Ticks - offset.Ticks;
        return utc < 0 || utc > DateTime.MaxValue.Ticks
            ? new DateTimeOffset(local, TimeSpan.Zero)
            : new DateTimeOffset(local, offset);
    }
}
