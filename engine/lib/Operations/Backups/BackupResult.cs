using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>What a backup did. Sizes are bytes.</summary>
public sealed record BackupResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    public required Guid ImageId { get; init; }

    public required long Sequence { get; init; }

    public required ImageKind Kind { get; init; }

    /// <summary>Whether it is the first of its chain.</summary>
    public required bool IsNewChain { get; init; }

    /// <summary>Whether nothing was written: sizes are what an image would have, and its id is nobody's.</summary>
    public required bool IsDryRun { get; init; }

    public required string Source { get; init; }

    public required string Identity { get; init; }

    public required long SourceBytes { get; init; }

    /// <summary>What was read of the source; less than its size where it told that ranges are empty.</summary>
    public required long ReadBytes { get; init; }

    public required int BlockSize { get; init; }

    /// <summary>Blocks that differ from the parent, or all of them in a full image.</summary>
    public required long ChangedBlocks { get; init; }

    /// <summary>Changed blocks times their size.</summary>
    public required long ChangedBytes { get; init; }

    /// <summary>Of the changed blocks those that hold data; the others read as zeros, or couldn't be read.</summary>
    public required long DataBytes { get; init; }

    /// <summary>All files of the image.</summary>
    public required long StoredBytes { get; init; }

    public required long IndexBytes { get; init; }

    public required long UnreadableBytes { get; init; }

    /// <summary>Ranges that couldn't be read.</summary>
    public required IReadOnlyList<ByteRange> Unreadable { get; init; }

    /// <summary>
    /// What is known of the use of each partition, or of the source where it has no partition table; none if all blocks were asked for.
    /// </summary>
    public required IReadOnlyList<VolumeUsage> Volumes { get; init; }

    /// <summary>"io_uring", "overlapped" (Windows), "pread", "memory".</summary>
    public required string Reader { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Processor time of the process, user and system.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>What is worth knowing about how it went, for example that io_uring was refused.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
