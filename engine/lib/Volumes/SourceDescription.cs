using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

/// <summary>What a source turned out to be.</summary>
/// <param name="Identity">What it is known by; empty where nothing names it.</param>
/// <param name="Table">Its partition table, where it is a disk with one.</param>
/// <param name="Content">What it holds, where it is a volume; null for a disk with a table and for the unknown.</param>
internal sealed record SourceDescription(SourceIdentity Identity, PartitionTable? Table, VolumeContent? Content)
{
    /// <summary>World-wide name or serial number of the device that it is or lies on; null where that has none.</summary>
    public string? Serial { get; init; }

    public string? Label => Content?.Label;

    /// <summary>What it is in a few words: "disk with GPT, 3 partitions", "disk with MBR, 1 partition; entry 2 begins at …", "ext4 volume", "unrecognised content".</summary>
    public string Summary
    {
        get
        {
            if (Table is { } table)
            {
                var count = table.Partitions.Count;
                var scheme = table.Scheme == PartitionScheme.Gpt ? "GPT" : "MBR";
                var odd = table.Odd.Count == 0 ? "" : $"; {string.Join(", ", table.Odd)}";
                return $"disk with {scheme}, {count} {(count == 1 ? "partition" : "partitions")}{odd}";
            }

            return Content is null ? "unrecognised content" : $"{Content.Type} volume";
        }
    }
}
