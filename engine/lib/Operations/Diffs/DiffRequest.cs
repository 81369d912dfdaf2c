using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Diffs;

/// <summary>Two points in time of one chain to compare.</summary>
public sealed record DiffRequest
{
    public required ImageAddress From { get; init; }

    public required ImageAddress To { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;
}

/// <summary>What a comparison of two images found. Sizes are bytes.</summary>
/// <param name="FromSequence">The image compared.</param>
/// <param name="ToSequence">The image it was compared with.</param>
/// <param name="FromBytes">The volume's size then.</param>
/// <param name="ToBytes">The volume's size now.</param>
/// <param name="ChangedRanges">How many ranges differ, or are in one of the two alone.</param>
/// <param name="ChangedBytes">Their length together.</param>
public sealed record DiffResult(
    string Chain, long FromSequence, long ToSequence, long FromBytes, long ToBytes, int BlockSize, long ChangedRanges,
    long ChangedBytes, double Seconds);
