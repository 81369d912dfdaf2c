using System.Text.Json.Serialization;

namespace Tidemark.Engine;

/// <summary>What is known of the use of one volume of a source: a partition, or the whole of it. Sizes are bytes.</summary>
public sealed record VolumeUsage
{
    /// <summary>The partition's number; null where the source has no partition table.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? Partition { get; init; }

    public required long Offset { get; init; }

    public required long Length { get; init; }

    /// <summary>What it holds ("ext4", "ntfs", "swap", "lvm"); null where nothing is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Content { get; init; }

    /// <summary>What has to be read of it.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>What nobody can reach.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long FreeBytes { get; init; }

    /// <summary>What is left out on purpose.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ExcludedBytes { get; init; }

    /// <summary>Files whose content was left out by name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int ExcludedFiles { get; init; }

    /// <summary>Why all of it is read, in words that follow "all of it is read, since"; null where its map is used.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? WhyWhole { get; init; }
}
