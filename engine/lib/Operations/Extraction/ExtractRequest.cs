using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Extraction;

/// <summary>Which files of an image to bring back, and where to.</summary>
public sealed record ExtractRequest
{
    public required ImageAddress Image { get; init; }

    /// <summary>Paths in the image; on a disk each begins with the partition, as <c>p2/etc/fstab</c>.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The folder that gets them, each by its last name; made where there is none. What is there stays as it is.</summary>
    public required string To { get; init => field = UserPath.Settle(value); }

    public KeyOptions Key { get; init; } = KeyOptions.None;
}
