using System.Globalization;
using Tidemark.Engine;

namespace Tidemark.Cli.Output;

/// <summary>The use of a partition, or of a source without a partition table, in a line.</summary>
internal static class VolumeText
{
    public static string Of(VolumeUsage volume)
    {
        var name = volume.Partition is { } number ? string.Create(CultureInfo.InvariantCulture, $"partition {number}, ") : "";
        var what = volume.Content ?? "one volume";
        if (volume.WhyWhole is { } why)
        {
            return $"{name}{what}: all {PeopleText.Bytes(volume.Length)} are read, since {why}";
        }

        var files = volume.ExcludedFiles > 0 ? $" ({PeopleText.Count(volume.ExcludedFiles, "file")} by name)" : "";
        var excluded = volume.ExcludedBytes > 0 ? $", {PeopleText.Bytes(volume.ExcludedBytes)} left out{files}" : "";
        return $"{name}{what}: {PeopleText.Bytes(volume.UsedBytes)} used, {PeopleText.Bytes(volume.FreeBytes)} free{excluded}";
    }
}
