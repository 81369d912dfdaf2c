using Tidemark.Engine.Operations.Imports;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>import</c>.</summary>
internal sealed class ImportEvent(ImportResult result, int exitCode) : ResultEvent("import", exitCode)
{
    public string Chain => result.Chain;

    public ImportedObject[] Images => [.. result.Images.Select(i => new ImportedObject(i))];

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}

/// <summary>A file that was imported, in brief.</summary>
internal sealed class ImportedObject(ImportedFile file)
{
    public string File => file.File;

    public DateTimeOffset Created => file.Created;

    public Guid ImageId => file.Image.ImageId;

    public long Sequence => file.Image.Sequence;

    public string Kind => JsonShapes.Name(file.Image.Kind);

    public long SourceBytes => file.Image.SourceBytes;

    public long ChangedBytes => file.Image.ChangedBytes;

    public long StoredBytes => file.Image.StoredBytes;

    public long UnreadableBytes => file.Image.UnreadableBytes;
}
