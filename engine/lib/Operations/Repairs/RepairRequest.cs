using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Repairs;

/// <summary>What a repair is to do.</summary>
public sealed record RepairRequest
{
    /// <summary>Where the chain is.</summary>
    public required StoreLocation Chain { get; init; }

    /// <summary>Needed for an encrypted chain: an index is made of what frames hold.</summary>
    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>Bytes of the chain read a second at most, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }
}

/// <summary>What became of an image.</summary>
public enum RepairState
{
    /// <summary>Nothing was wrong with it.</summary>
    Whole,

    /// <summary>It reads as it was written, or at least nothing of its content is lost.</summary>
    Repaired,

    /// <summary>It can be read again, and some of it is still damaged or lost.</summary>
    Partly,

    /// <summary>It is damaged, and there was nothing that a repair could do.</summary>
    Damaged,
}

/// <summary>What a repair did to one image.</summary>
/// <param name="File">The repair file that was made; null if none was.</param>
/// <param name="RepairedBytes">Bytes that stand in it in the place of the image's own.</param>
/// <param name="CorrectedFrames">Frames of which a flipped bit was turned back.</param>
/// <param name="DamagedFrames">Frames that stay damaged; a healing may bring their blocks back.</param>
/// <param name="Lost">Ranges of the volume of which neither content nor index survived.</param>
/// <param name="Problem">What couldn't be done; null if nothing is left to be done.</param>
public sealed record RepairedImage(
    long Sequence, RepairState State, string? File, long RepairedBytes, int CorrectedFrames, int DamagedFrames,
    IReadOnlyList<ByteRange> Lost, string? Problem);

/// <summary>What a repair did.</summary>
public sealed record RepairResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    /// <summary>Every image of the chain, oldest first.</summary>
    public required IReadOnlyList<RepairedImage> Images { get; init; }

    /// <summary>What is wrong with the chain besides its images' own files, for people.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The points in time whose images are all there now, as far as headers and links tell.</summary>
    public required IReadOnlyList<long> Restorable { get; init; }

    public required double Seconds { get; init; }

    public required double CpuSeconds { get; init; }
}
