using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tidemark.Engine.Format;

/// <summary>
/// What an image says of its making, as JSON at the end of the payload (FORMAT.md, "Metadata"). Nothing in it is needed
/// to restore; a reader ignores members it doesn't know.
/// </summary>
internal sealed record ImageMetadata
{
    // The reader of JSON sets members that aren't there to null, so each of them takes that for what it begins with.

    /// <summary>Ranges of bad sectors kept at most; beyond that neighbours are joined.</summary>
    public const int MaxUnreadableRanges = 65536;

    /// <summary>The path or name the source was given by; for people, not for finding it.</summary>
    public string Source { get; init => field = value ?? ""; } = "";

    /// <summary>What the source is: "ext4 volume", "disk with GPT".</summary>
    public string Description { get; init => field = value ?? ""; } = "";

    /// <summary>World-wide name or serial number of the device that the source is or lies on; null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Serial { get; init; }

    public string Machine { get; init => field = value ?? ""; } = "";

    public string System { get; init => field = value ?? ""; } = "";

    /// <summary>What held the source still: "none", "vss", "held" (by the user).</summary>
    public string Snapshot { get; init => field = value ?? "none"; } = "none";

    /// <summary>The point in time it was held at; null without a snapshot.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>What the system knew the snapshot by; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SnapshotId { get; init; }

    /// <summary>What was known of the use of each partition; null where nobody asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<VolumeUsage>? Volumes { get; init; }

    /// <summary>
    /// Files whose content was left out by name, with the partition's number in front: "2:/Windows/Temp/x"; the first thousand of each
    /// volume. Null where there were none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? LeftOut { get; init; }

    /// <summary>The program and version that wrote the image.</summary>
    public string Writer { get; init => field = value ?? ""; } = "";

    /// <summary>How it was read: "io_uring", "pread", "memory".</summary>
    public string Reader { get; init => field = value ?? ""; } = "";

    public long ReadBytes { get; init; }

    public double Seconds { get; init; }

    public double CpuSeconds { get; init; }

    /// <summary>Byte ranges that couldn't be read, in order and apart from each other: offset, length, offset, length …</summary>
    public IReadOnlyList<long> Unreadable { get; init => field = value ?? []; } = [];

    /// <summary>A copy of the image's header page (<see cref="HeaderCopy"/>); null in images written before there was one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Header { get; init; }

    /// <summary>Whether the writer is to add that copy.</summary>
    [JsonIgnore]
    public bool CopiesHeader { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, MetadataJson.Default.ImageMetadata);

    /// <summary>Null if the bytes aren't the JSON of metadata, or list ranges that no volume has.</summary>
    public static ImageMetadata? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, MetadataJson.Default.ImageMetadata) is { } metadata && AreRanges(metadata.Unreadable)
                ? metadata
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether they can be added up and looked for.</summary>
    private static bool AreRanges(IReadOnlyList<long> pairs)
    {
        var end = 0L;
        for (var i = 0; i + 1 < pairs.Count; i += 2)
        {
            if (pairs[i] < end || pairs[i + 1] <= 0 || pairs[i] > ImageFormat.MaxSourceBytes || pairs[i + 1] > ImageFormat.MaxSourceBytes - pairs[i])
            {
                return false;
            }

            end = pairs[i] + pairs[i + 1];
        }

        return pairs.Count % 2 == 0;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageMetadata))]
internal sealed partial class MetadataJson : JsonSerializerContext;
