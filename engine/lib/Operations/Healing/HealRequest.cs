using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Healing;

/// <summary>What a healing is to do.</summary>
public sealed record HealRequest
{
    /// <summary>Where the chain is.</summary>
    public required StoreLocation Chain { get; init; }

    /// <summary>What the chain was made of, or a copy of it: whatever still holds blocks that are damaged in the chain.</summary>
    public required SourceLocation Source { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>Bytes of the chain and the source read a second at most, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }
}

/// <summary>What a healing did for one damaged image. Sizes are bytes.</summary>
/// <param name="File">The healing image that was made; null if nothing could be healed.</param>
/// <param name="DamagedBytes">Damaged blocks of the image that weren't healed before, or in a healing image that is damaged.</param>
/// <param name="HealedBytes">What the source, or that healing image, still has of them.</param>
/// <param name="Left">Ranges of the volume that stay damaged in this image.</param>
/// <param name="Differs">Bytes of them where the source holds something else by now, or can't be read.</param>
/// <param name="Unknown">Bytes of them whose hash is lost with the index, so that nothing proves what belongs there.</param>
public sealed record HealedImage(
    long Sequence, string? File, long DamagedBytes, long HealedBytes, IReadOnlyList<ByteRange> Left, long Differs, long Unknown)
{
    /// <summary>Healing images that were damaged themselves and are deleted, since nothing needs them any more.</summary>
    public IReadOnlyList<string> Replaced { get; init; } = [];
}

/// <summary>What a healing did.</summary>
public sealed record HealResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    public required string Source { get; init; }

    /// <summary>The images that had damaged blocks, oldest first; empty if none had.</summary>
    public required IReadOnlyList<HealedImage> Images { get; init; }

    /// <summary>What was read of the source.</summary>
    public required long ReadBytes { get; init; }

    public required double Seconds { get; init; }

    public required double CpuSeconds { get; init; }

    /// <summary>Whether anything of the chain stays damaged, blocks or not.</summary>
    public required bool LeavesDamage { get; init; }

    /// <summary>What couldn't be looked at and why, and what is wrong that healing doesn't change, for people.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
