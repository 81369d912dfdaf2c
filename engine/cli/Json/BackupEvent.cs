using Tidemark.Engine.Operations.Backups;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>backup</c>.</summary>
internal class BackupEvent(BackupResult result, int exitCode, string name = "result", string verb = "backup") : ResultEvent(verb, exitCode, name)
{
    public string Chain => result.Chain;

    public Guid ImageId => result.ImageId;

    public long Sequence => result.Sequence;

    public string Kind => JsonShapes.Name(result.Kind);

    public bool NewChain => result.IsNewChain;

    public bool DryRun => result.IsDryRun;

    public string Source => result.Source;

    public string Identity => result.Identity;

    public long SourceBytes => result.SourceBytes;

    public long ReadBytes => result.ReadBytes;

    public int BlockSize => result.BlockSize;

    public long ChangedBlocks => result.ChangedBlocks;

    public long ChangedBytes => result.ChangedBytes;

    public long DataBytes => result.DataBytes;

    public long StoredBytes => result.StoredBytes;

    public long IndexBytes => result.IndexBytes;

    public long UnreadableBytes => result.UnreadableBytes;

    public RangeObject[] Unreadable => JsonShapes.Ranges(result.Unreadable);

    public UsageObject[] Volumes => JsonShapes.Volumes(result.Volumes);

    public string Reader => result.Reader;

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}
