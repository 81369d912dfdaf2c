using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class PeopleText
{
    /// <summary>Ranges that are told before the rest is only counted.</summary>
    private const int MaxRanges = 10;

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>"512 B", "4.0 KiB", "1.5 GiB".</summary>
    public static string Bytes(long bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        // From 1023.95 on, one decimal would show 1024.0 of the smaller unit.
        while (value >= 1023.95 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }

    /// <summary>"3.2 s", "4:05", "1:02:03".</summary>
    public static string Duration(double seconds)
    {
        if (seconds < 60)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
        }

        var span = TimeSpan.FromSeconds(Math.Round(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2)));
        return span.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}:{span.Seconds:00}");
    }

    /// <summary>"1,234,567".</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"2 images", "1 image".</summary>
    public static string Count(long number, string thing) => $"{Count(number)} {thing}{(number == 1 ? "" : "s")}";

    /// <summary>"2026-11-27 13:05:00 +01:00": the machine's own time, with what it is ahead of UTC.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    public static string Rate(long bytes, double seconds) => $"{Bytes((long)(bytes / Math.Max(seconds, 0.001)))}/s";

    /// <summary>"0 to 4095, 8192 to 12287 and 3 more": first and last byte of ranges.</summary>
    public static string Ranges(IReadOnlyList<ByteRange> ranges)
    {
        var text = string.Join(", ", ranges.Take(MaxRanges).Select(
            r => string.Create(CultureInfo.InvariantCulture, $"{r.Offset} to {r.Offset + r.Length - 1}")));
        return ranges.Count > MaxRanges ? $"{text} and {Count(ranges.Count - MaxRanges)} more" : text;
    }

    /// <summary>"1 to 3, 5": numbers in order, neighbours together.</summary>
    public static string Sequences(IReadOnlyList<long> numbers)
    {
        if (numbers.Count == 0)
        {
            return "none";
        }

        var sorted = numbers.Order().ToArray();
        var runs = new List<string>();
        for (var i = 0; i < sorted.Length;)
        {
            var end = i;
            while (end + 1 < sorted.Length && sorted[end + 1] == sorted[end] + 1)
            {
                end++;
            }

            runs.Add(end == i ? $"{sorted[i]}" : end == i + 1 ? $"{sorted[i]}, {sorted[end]}" : $"{sorted[i]} to {sorted[end]}");
            i = end + 1;
        }

        return string.Join(", ", runs);
    }

    /// <summary>"12 % of 4.0 GiB, 900.0 MiB/s, 12.0 MiB changed, 4 s left".</summary>
    public static string Progress(in RunProgress progress, ProgressRate rate)
    {
        var share = progress.TotalBytes == 0 ? 100 : (int)(100.0 * progress.DoneBytes / progress.TotalBytes);
        return $"{share} % of {Bytes(progress.TotalBytes)}, {Speed(progress, rate)}";
    }

    /// <summary>"900.0 MiB/s, 12.0 MiB changed, 4 s left".</summary>
    public static string Speed(in RunProgress progress, ProgressRate rate)
    {
        var what = progress.Phase switch { "scan" => "changed", "restore" => "written", _ => null };
        var text = $"{Bytes(rate.BytesPerSecond)}/s";
        if (what is not null)
        {
            text += $", {Bytes(progress.ChangedBytes)} {what}";
        }

        return rate.SecondsLeft is { } left ? $"{text}, {(left < 60 ? $"{Count(left)} s" : Duration(left))} left" : text;
    }
}
