using Tidemark.Engine;

namespace Tidemark.Cli.Json;

/// <summary>What is known of the use of a partition, or of a source without a partition table. Sizes are bytes.</summary>
internal sealed class UsageObject(VolumeUsage volume)
{
    public int? Partition => volume.Partition;

    public long Offset => volume.Offset;

    public long Length => volume.Length;

    public string? Content => volume.Content;

    public long UsedBytes => volume.UsedBytes;

    public long FreeBytes => volume.FreeBytes;

    public long ExcludedBytes => volume.ExcludedBytes;

    public int ExcludedFiles => volume.ExcludedFiles;

    public string? WhyWhole => volume.WhyWhole;
}
