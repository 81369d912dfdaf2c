namespace Tidemark.Engine.Hashing;

/// <summary>The identity hash of a chain; the values stand in image headers.</summary>
public enum HashAlgorithm : byte
{
    /// <summary>XXH3 with 128 bits, seeded by the chain: fastest, not meant against an adversary.</summary>
    Xxh128 = 1,

    /// <summary>BLAKE3 in its keyed mode, first 128 bits: safe where an adversary writes to the source.</summary>
    Blake3 = 2,
}
