using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Extraction;

/// <summary>Which files of an image to list.</summary>
public sealed record ListFilesRequest
{
    public required ImageAddress Image { get; init; }

    /// <summary>A path in the image; on a disk it begins with the partition, as <c>p2/etc</c>. Empty: the root.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether folders in it are listed as well.</summary>
    public bool Recursive { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;
}
