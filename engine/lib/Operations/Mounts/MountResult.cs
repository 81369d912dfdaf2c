namespace Tidemark.Engine.Operations.Mounts;

/// <summary>A mounted image.</summary>
public sealed record MountResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    public required long Sequence { get; init; }

    /// <summary>The full path of the folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The image as a file. What is written there goes with the mount.</summary>
    public required string File { get; init; }

    public required IReadOnlyList<ImageVolume> Volumes { get; init; }
}
