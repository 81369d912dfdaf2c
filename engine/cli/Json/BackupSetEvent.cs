using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Backups;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>backup</c> with several sources.</summary>
internal sealed class BackupSetEvent(BackupSetResult result, int exitCode) : ResultEvent("backup", exitCode)
{
    public ImagedObject[] Images => [.. result.Images.Select(i => new ImagedObject(i))];

    public FailedObject[] Failed => [.. result.Failed.Select(f => new FailedObject(f))];

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}

/// <summary>A source that was imaged, in brief.</summary>
internal sealed class ImagedObject(BackupResult image)
{
    public string Source => image.Source;

    public int ExitCode => ExitCodes.Of(image);

    public string Chain => image.Chain;

    public Guid ImageId => image.ImageId;

    public long Sequence => image.Sequence;

    public string Kind => JsonShapes.Name(image.Kind);

    public long SourceBytes => image.SourceBytes;

    public long ChangedBytes => image.ChangedBytes;

    public long StoredBytes => image.StoredBytes;

    public long UnreadableBytes => image.UnreadableBytes;
}

/// <summary>A source that wasn't imaged.</summary>
internal sealed class FailedObject(FailedSource failed)
{
    public string Source => failed.Source;

    public int Code => ExitCodes.Of(failed.Error);

    public string Kind => ExitCodes.NameOf(Code);

    public string Message => AdviceText.With(failed.Reason, failed.Advice);
}
