using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Mounts;

/// <summary>What to mount where.</summary>
public sealed record MountRequest
{
    public required ImageAddress Image { get; init; }

    /// <summary>An empty folder; made where there is none.</summary>
    public required string Folder { get; init => field = UserPath.Settle(value); }

    public KeyOptions Key { get; init; } = KeyOptions.None;
}
