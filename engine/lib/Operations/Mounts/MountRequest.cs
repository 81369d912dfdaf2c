using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Mounts;

/// <summary>What to mount where.</summary>
public sealed record MountRequest
{
    /// <summary>The image's address, as <c>CHAIN@SEQUENCE</c>.</summary>
    public required string Image { get; init; }

    /// <summary>An empty folder; made where there is none.</summary>
    public required string Folder { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;
}
