using Tidemark.Engine.Operations.Catalogs;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>show</c>.</summary>
internal sealed class ShowEvent(ImageDetails details) : ResultEvent("show", ExitCodes.Done)
{
    public string Chain => details.Chain;

    public Guid ChainId => details.ChainId;

    public ImageObject Image => new(details.Summary);

    public int BlockSize => details.BlockSize;

    public string Hash => JsonShapes.Name(details.Hash);

    public string Compress => JsonShapes.Name(details.Codec);

    public bool Encrypted => details.Encrypted;

    public int LogicalSectorSize => details.LogicalSectorSize;

    public int PhysicalSectorSize => details.PhysicalSectorSize;

    public long DataBlocks => details.DataBlocks;

    public long ZeroBlocks => details.ZeroBlocks;

    public long UnallocatedBlocks => details.UnallocatedBlocks;

    public long UnreadableBlocks => details.UnreadableBlocks;

    public long Frames => details.Frames;

    public long FrameBytes => details.FrameBytes;

    public long PlainBytes => details.PlainBytes;

    public string IndexDigest => details.IndexDigest;

    public IReadOnlyList<string> Files => details.Files;

    public IReadOnlyList<long> Lineage => details.Lineage;

    public string? Problem => details.Problem;

    public string? MetadataProblem => details.MetadataProblem;

    public string? Source => details.SourcePath;

    public string? Description => details.Description;

    public string? Machine => details.Machine;

    public string? System => details.System;

    public string? Snapshot => details.Snapshot;

    public DateTime? SnapshotTime => details.SnapshotTime?.UtcDateTime;

    public string? SnapshotId => details.SnapshotId;

    public UsageObject[]? Volumes => details.Volumes is { } volumes ? JsonShapes.Volumes(volumes) : null;

    public string? Writer => details.Writer;

    public string? Reader => details.Reader;

    public long? ReadBytes => details.ReadBytes;

    public double? Seconds => details.Seconds is { } seconds ? JsonShapes.Seconds(seconds) : null;

    public double? CpuSeconds => details.CpuSeconds is { } seconds ? JsonShapes.Seconds(seconds) : null;

    public RangeObject[]? Unreadable => details.Unreadable is { } ranges ? JsonShapes.Ranges(ranges) : null;
}
