using System.Globalization;

namespace Tidemark.Engine;

/// <summary>Moments in messages: the machine's own time, with what it is ahead of UTC.</summary>
internal static class LocalTime
{
    /// <summary>"2026-11-27 13:05:00 +01:00".</summary>
    public static string Text(DateTimeOffset time) =>
        time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
