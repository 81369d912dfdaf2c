using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Catalogs;

/// <summary>One image as a list shows it, from its header and footer. Sizes are bytes.</summary>
public sealed record ImageSummary
{
    public required long Sequence { get; init; }

    public required Guid ImageId { get; init; }

    public required ImageKind Kind { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The sequence of its parent; null for a full image.</summary>
    public long? Parent { get; init; }

    public required string Identity { get; init; }

    public required long SourceBytes { get; init; }

    public required long ChangedBlocks { get; init; }

    public required long ChangedBytes { get; init; }

    /// <summary>Of the changed blocks those that hold data; the others read as zeros, or couldn't be read.</summary>
    public required long DataBytes { get; init; }

    public required long StoredBytes { get; init; }

    public required long IndexBytes { get; init; }

    public required long UnreadableBytes { get; init; }

    /// <summary>The number of its files.</summary>
    public required int Parts { get; init; }
}

/// <summary>An image that can't be read.</summary>
public sealed record BrokenImage(long Sequence, string Problem);

/// <summary>One chain as a list shows it.</summary>
public sealed record ChainSummary
{
    /// <summary>The chain's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Why nothing of it can be read, as of another user's; null where it can.</summary>
    public string? Problem { get; init; }

    public required Guid ChainId { get; init; }

    /// <summary>The name it was begun with; empty for a source's ordinary chain.</summary>
    public required string Name { get; init; }

    /// <summary>What its source is known by, strongest first.</summary>
    public required string Identity { get; init; }

    /// <summary>The one item of it that people know, or a few words where there is none.</summary>
    public required string KnownBy { get; init; }

    public required int BlockSize { get; init; }

    public required HashAlgorithm Hash { get; init; }

    public required bool Encrypted { get; init; }

    public required long StoredBytes { get; init; }

    public required IReadOnlyList<ImageSummary> Images { get; init; }

    public required IReadOnlyList<BrokenImage> Broken { get; init; }

    /// <summary>The sequences of images that are being committed, or whose run died before they were: they aren't there yet.</summary>
    public IReadOnlyList<long> Uncommitted { get; init; } = [];

    /// <summary>The sequences that can be restored, as far as headers and links tell.</summary>
    public required IReadOnlyList<long> Restorable { get; init; }
}

/// <summary>All of one image: header, statistics, links.</summary>
public sealed record ImageDetails
{
    public required string Chain { get; init; }

    public required Guid ChainId { get; init; }

    public required ImageSummary Summary { get; init; }

    public required int BlockSize { get; init; }

    public required HashAlgorithm Hash { get; init; }

    public required Codec Codec { get; init; }

    public required bool Encrypted { get; init; }

    public required int LogicalSectorSize { get; init; }

    public required int PhysicalSectorSize { get; init; }

    public required long DataBlocks { get; init; }

    public required long ZeroBlocks { get; init; }

    public required long UnallocatedBlocks { get; init; }

    public required long UnreadableBlocks { get; init; }

    public required long Frames { get; init; }

    public required long FrameBytes { get; init; }

    public required long PlainBytes { get; init; }

    /// <summary>The digest of the index, by which children name the image; hexadecimal.</summary>
    public required string IndexDigest { get; init; }

    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The sequences of the image and its ancestors, newest first; empty if one is missing.</summary>
    public required IReadOnlyList<long> Lineage { get; init; }

    /// <summary>Why it can't be restored; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>What is wrong with the metadata, which no restore needs; null if nothing is, as far as can be told.</summary>
    public string? MetadataProblem { get; init; }

    /// <summary>Members of the metadata below are null without the key of an encrypted chain, or if it is damaged.</summary>
    public string? SourcePath { get; init; }

    public string? Description { get; init; }

    public string? Machine { get; init; }

    public string? System { get; init; }

    /// <summary>What held the source still: "none", "vss", "held" (by the user).</summary>
    public string? Snapshot { get; init; }

    /// <summary>The point in time it was held at; null without a snapshot.</summary>
    public DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>What the system knew the snapshot by; null without one.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>What was known of the use of each partition.</summary>
    public IReadOnlyList<VolumeUsage>? Volumes { get; init; }

    public string? Writer { get; init; }

    public string? Reader { get; init; }

    public long? ReadBytes { get; init; }

    public double? Seconds { get; init; }

    public double? CpuSeconds { get; init; }

    public IReadOnlyList<ByteRange>? Unreadable { get; init; }
}
