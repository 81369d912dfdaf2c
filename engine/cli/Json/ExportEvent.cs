using Tidemark.Engine.Operations.Exports;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>export</c>.</summary>
internal sealed class ExportEvent(ExportResult result, int exitCode) : ResultEvent("export", exitCode)
{
    public string Chain => result.Chain;

    public Guid ImageId => result.ImageId;

    public long Sequence => result.Sequence;

    public int? Partition => result.Partition;

    public string File => result.File;

    public string Format => ExportFormats.Name(result.Format);

    public long? BaseSequence => result.BaseSequence;

    public long SourceBytes => result.SourceBytes;

    public long DiskBytes => result.DiskBytes;

    public long FileBytes => result.FileBytes;

    public long WrittenBytes => result.WrittenBytes;

    public long UnreadableBytes => result.UnreadableBytes;

    public RangeObject[] Unreadable => JsonShapes.Ranges(result.Unreadable);

    public long DamagedBytes => result.Damaged.Sum(d => d.Length);

    public DamagedObject[] Damaged => [.. result.Damaged.Select(d => new DamagedObject(d))];

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}
