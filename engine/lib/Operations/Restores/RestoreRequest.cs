using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>What a restore does about sectors that couldn't be read when they were imaged.</summary>
public enum UnreadableSectors
{
    /// <summary>They hold a pattern that says so, and are listed.</summary>
    Pattern,

    /// <summary>The restore is refused before anything is written.</summary>
    Fail,
}

/// <summary>What a restore is to do.</summary>
public sealed record RestoreRequest
{
    public required ImageAddress Image { get; init; }

    /// <summary>A file, which is made, or what else a location can be.</summary>
    public required TargetLocation Target { get; init; }

    /// <summary>Overwrites a file that is there, or a block device that holds something.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Reads what the target holds now and writes only blocks that differ: for an older or newer copy of the same volume.
    /// A target that isn't there yet is restored whole.
    /// </summary>
    public bool Delta { get; init; }

    /// <summary>
    /// Begins, or goes on with a restore of the same image that was interrupted: what the target holds of it already stays.
    /// That a restore was interrupted is known by the marker at the target's start, and then <see cref="Force"/> isn't
    /// needed. A file is kept when it is interrupted again.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Leaves out what lies behind the last partition where the block device is smaller than the image. Without it that
    /// is refused.
    /// </summary>
    public bool Fit { get; init; }

    /// <summary>
    /// Copies the bytes as they are onto a block device that is larger or has another sector: no partition table is
    /// fitted, and nothing refused that wouldn't work there.
    /// </summary>
    public bool AsIs { get; init; }

    /// <summary>
    /// Restores what there is where an ancestor is missing or an index is damaged: what is lost becomes zeros and is listed.
    /// Without it such a point is refused before anything is written.
    /// </summary>
    public bool Salvage { get; init; }

    /// <summary>What to do about sectors that couldn't be read when they were imaged.</summary>
    public UnreadableSectors Unreadable { get; init; }

    /// <summary>What to do with blocks that nobody could reach when they were imaged.</summary>
    public FreeContent Free { get; init; }

    /// <summary>Bytes a second at most, read and written together, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>Transfers in flight, 1 to 256; null for the default.</summary>
    public int? QueueDepth { get; init; }
}

/// <summary>What a restore did. Sizes are bytes.</summary>
public sealed record RestoreResult
{
    public required string Chain { get; init; }

    public required Guid ImageId { get; init; }

    public required long Sequence { get; init; }

    public required string Target { get; init; }

    public required long SourceBytes { get; init; }

    /// <summary>Size of the target.</summary>
    public required long TargetBytes { get; init; }

    /// <summary>Whether an interrupted restore was taken up again.</summary>
    public required bool Resumed { get; init; }

    /// <summary>Where the target's content isn't the image's by intent, and why; empty for a copy bit for bit.</summary>
    public required IReadOnlyList<string> Fitted { get; init; }

    /// <summary>What is worth knowing about how it went, for people.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What was read of the target to find what differs; 0 for a restore of everything.</summary>
    public required long ReadBytes { get; init; }

    /// <summary>What was written with content; the rest is zeros, or was there already.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>Bytes of sectors that couldn't be read when they were imaged; they hold a pattern that says so.</summary>
    public required long UnreadableBytes { get; init; }

    public required IReadOnlyList<ByteRange> Unreadable { get; init; }

    /// <summary>Bytes of the target that are free in the image and were left as they were, or trimmed.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>What is damaged in the chain and reads as zeros in the target now; empty after a good restore.</summary>
    public required IReadOnlyList<DamagedRange> Damaged { get; init; }

    public required double Seconds { get; init; }

    public required double CpuSeconds { get; init; }
}
