using Tidemark.Engine.Volumes;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>sources</c>.</summary>
internal sealed class SourcesEvent(IReadOnlyList<SourceEntry> sources) : ResultEvent("sources", ExitCodes.Done)
{
    public SourceObject[] Sources => [.. sources.Select(s => new SourceObject(s))];
}

/// <summary>Something that can be imaged.</summary>
internal sealed class SourceObject(SourceEntry source)
{
    public string Path => source.Path;

    public string? Parent => source.ParentPath;

    public string Type => source.Type;

    public long SizeBytes => source.Size;

    public bool ReadOnly => source.IsReadOnly;

    public bool Removable => source.IsRemovable;

    public string? Summary => source.Summary;

    public string? FileSystem => source.FileSystem;

    public string? Label => source.Label;

    public string? Model => source.Model;

    public string[] Identity => [.. source.Identity.Items.Select(i => i.ToString())];

    public IReadOnlyList<string> MountPoints => source.MountPoints;

    public bool Swap => source.IsSwap;

    public string? BackingFile => source.BackingFile;

    public string? Problem => source.Problem;
}
