using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>How thorough a verification is.</summary>
public enum VerifyDepth
{
    /// <summary>Headers, footers, links, metadata and every index page.</summary>
    Quick,

    /// <summary>And the checksum of every frame.</summary>
    Normal,

    /// <summary>And every frame decoded, every block proven with its identity hash.</summary>
    Deep,
}

/// <summary>What a verification is to do.</summary>
public sealed record VerifyRequest
{
    /// <summary>A store, a chain or an image.</summary>
    public required ImageAddress Subject { get; init; }

    public VerifyDepth Depth { get; init; } = VerifyDepth.Normal;

    /// <summary>A source to compare the image, or the chain's tip, with.</summary>
    public SourceLocation? Against { get; init; }

    /// <summary>Bytes read a second at most, of the store and of a source, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }

    /// <summary>Without the key, an encrypted chain's checksums are verified and nothing else.</summary>
    public KeyOptions Key { get; init; } = KeyOptions.None;
}

/// <summary>Something wrong that a verification found.</summary>
/// <param name="Chain">The chain's folder.</param>
/// <param name="Sequence">The image; 0 where it isn't about one.</param>
/// <param name="File">The file, as far as it is known.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Ranges">The ranges of the volume that are affected, as far as they are known.</param>
public sealed record VerifyFinding(string Chain, long Sequence, string File, string Message, IReadOnlyList<ByteRange> Ranges);

/// <summary>What of one point in time can be restored.</summary>
/// <param name="Sequence">The image.</param>
/// <param name="SourceBytes">The volume's size then; null where the image itself can't be read.</param>
/// <param name="LostBytes">What can't be restored; null where it isn't known, then nothing is promised.</param>
/// <param name="Lost">Where, the first 65,536 ranges of it; everything else restores bit for bit.</param>
public sealed record VerifiedPoint(long Sequence, long? SourceBytes, long? LostBytes, IReadOnlyList<ByteRange> Lost)
{
    /// <summary>
    /// Whether a restore of it is refused unless it is to be salvaged: an image is missing, or a part of an index that is
    /// needed is damaged. Else what is lost comes back as zeros, and is listed.
    /// </summary>
    public bool NeedsSalvage { get; init; }
}

/// <summary>What is whole in one chain.</summary>
/// <param name="Chain">The chain's folder.</param>
/// <param name="Images">How many images were found.</param>
/// <param name="Restorable">The points in time that can be restored whole, as far as this verification looked.</param>
/// <param name="Broken">The points in time that can't.</param>
/// <param name="Points">Every point in time, with what of it is lost.</param>
public sealed record VerifiedChain(
    string Chain, int Images, IReadOnlyList<long> Restorable, IReadOnlyList<long> Broken, IReadOnlyList<VerifiedPoint> Points)
{
    /// <summary>What became of its key; without it nothing of an encrypted chain is proven, whatever the depth.</summary>
    public ChainKeyState Key { get; init; }
}

/// <summary>What became of a chain's key.</summary>
public enum ChainKeyState
{
    /// <summary>The chain isn't encrypted.</summary>
    NotNeeded,

    /// <summary>The key opens it.</summary>
    Opened,

    /// <summary>There was none, or the chain's key slots are damaged: stored checksums alone were verified.</summary>
    Missing,

    /// <summary>The key doesn't open it: stored checksums alone were verified.</summary>
    Wrong,
}

/// <summary>What a verification found. Sizes are bytes.</summary>
public sealed record VerifyResult
{
    public required IReadOnlyList<VerifiedChain> Chains { get; init; }

    /// <summary>Empty if all is well.</summary>
    public required IReadOnlyList<VerifyFinding> Findings { get; init; }

    /// <summary>Stored bytes that were read and checked.</summary>
    public required long CheckedBytes { get; init; }

    /// <summary>Ranges in which the source given with <see cref="VerifyRequest.Against"/> differs; null without one.</summary>
    /// <remarks>The first 65,536 of them; <see cref="DifferentRanges"/> counts them all.</remarks>
    public IReadOnlyList<ByteRange>? Differences { get; init; }

    /// <summary>How many ranges differ.</summary>
    public long DifferentRanges { get; init; }

    /// <summary>Their length together.</summary>
    public long DifferentBytes { get; init; }

    public required double Seconds { get; init; }

    public required double CpuSeconds { get; init; }

    /// <summary>What wasn't looked at and why, for example because a key is missing.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
