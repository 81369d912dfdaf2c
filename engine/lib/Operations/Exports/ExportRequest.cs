using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>The kinds of files that a point in time is exported to.</summary>
public enum ExportFormat
{
    /// <summary>The volume byte for byte, sparse.</summary>
    Raw,

    /// <summary>A dynamic VHD, or a differencing one on a base.</summary>
    Vhd,

    /// <summary>A fixed VHD.</summary>
    VhdFixed,

    /// <summary>A dynamic VHDX, or a differencing one on a base.</summary>
    Vhdx,

    /// <summary>A qcow2 file of version 3, with a backing file where there is a base.</summary>
    Qcow2,
}

/// <summary>What an export is to do.</summary>
public sealed record ExportRequest
{
    public required ImageAddress Image { get; init; }

    /// <summary>The file to make, or a stream.</summary>
    public required TargetLocation File { get; init; }

    /// <summary>Null for what the file's extension says.</summary>
    public ExportFormat? Format { get; init; }

    /// <summary>A file exported from another image of the chain: only what differs is written. Null for all.</summary>
    public string? Base { get; init => field = UserPath.SettleAny(value); }

    /// <summary>Bytes of the format's unit of allocation; null for the default.</summary>
    public long? BlockSize { get; init; }

    /// <summary>Bytes that the disk in the file becomes a multiple of, by zeros behind the volume; null for whole sectors.</summary>
    public long? Align { get; init; }

    /// <summary>Replaces a file that is there.</summary>
    public bool Force { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>Bytes written a second at most, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }
}

/// <summary>What an export did. Sizes are bytes.</summary>
public sealed record ExportResult
{
    public required string Chain { get; init; }

    public required Guid ImageId { get; init; }

    public required long Sequence { get; init; }

    public required string File { get; init; }

    public required ExportFormat Format { get; init; }

    /// <summary>The partition that was exported; null for all of the volume.</summary>
    public int? Partition { get; init; }

    /// <summary>The sequence of the image that the base was exported from; null without a base.</summary>
    public long? BaseSequence { get; init; }

    /// <summary>Size of what was exported.</summary>
    public required long SourceBytes { get; init; }

    /// <summary>Size of the disk in the file: whole sectors, or what it was rounded up to, so perhaps a little more.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Length of the file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>What was written with content.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>Bytes of sectors that couldn't be read when they were imaged; they hold a pattern that says so.</summary>
    public required long UnreadableBytes { get; init; }

    public required IReadOnlyList<ByteRange> Unreadable { get; init; }

    /// <summary>What is damaged in the chain and reads as zeros in the file; empty after a good export.</summary>
    public required IReadOnlyList<DamagedRange> Damaged { get; init; }

    public required double Seconds { get; init; }

    public required double CpuSeconds { get; init; }

    /// <summary>What is worth knowing about the file, for people.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
