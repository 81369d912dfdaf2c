using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>restore</c>.</summary>
internal sealed class RestoreEvent(RestoreResult result, int exitCode) : ResultEvent("restore", exitCode)
{
    public string Chain => result.Chain;

    public Guid ImageId => result.ImageId;

    public long Sequence => result.Sequence;

    public string Target => result.Target;

    public long SourceBytes => result.SourceBytes;

    public long TargetBytes => result.TargetBytes;

    public bool Resumed => result.Resumed;

    public string[] Fitted => [.. result.Fitted];

    public long ReadBytes => result.ReadBytes;

    public long WrittenBytes => result.WrittenBytes;

    public long FreeBytes => result.FreeBytes;

    public long UnreadableBytes => result.UnreadableBytes;

    public RangeObject[] Unreadable => JsonShapes.Ranges(result.Unreadable);

    public long DamagedBytes => result.Damaged.Sum(d => d.Length);

    public DamagedObject[] Damaged => [.. result.Damaged.Select(d => new DamagedObject(d))];

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public string[] Notes => [.. result.Notes];
}

/// <summary>A range that reads as zeros since the chain is damaged.</summary>
internal sealed class DamagedObject(DamagedRange range)
{
    public long Offset => range.Offset;

    public long Length => range.Length;

    public long Sequence => range.Sequence;

    public string Reason => range.Reason;
}
