using Tidemark.Engine.Operations.Mounts;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>mount</c>, when everything is mounted.</summary>
internal sealed class MountEvent(MountResult result) : ResultEvent("mount", ExitCodes.Done)
{
    public string Chain => result.Chain;

    public long Sequence => result.Sequence;

    public string Folder => result.Folder;

    public string File => result.File;

    public VolumeObject[] Volumes => [.. result.Volumes.Select(v => new VolumeObject(v))];
}

/// <summary>The result of <c>unmount</c>.</summary>
internal sealed class UnmountEvent(string image, string folder) : ResultEvent("unmount", ExitCodes.Done)
{
    public string Image => image;

    public string Folder => folder;
}

/// <summary>A volume in an image.</summary>
internal sealed class VolumeObject(ImageVolume volume)
{
    public string Name => volume.Name;

    public long Offset => volume.Offset;

    public long Bytes => volume.Bytes;

    public string? FileSystem => volume.FileSystem;

    public string? Label => volume.Label;

    public string? Path => volume.Path;

    public string? Problem => volume.Problem;

    public string? DefaultSubvolume => volume.DefaultSubvolume;
}
