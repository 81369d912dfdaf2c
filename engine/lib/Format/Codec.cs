namespace Tidemark.Engine.Format;

/// <summary>How frames are compressed; the values stand in headers of images and frames.</summary>
public enum Codec : byte
{
    /// <summary>Stored as it is; also what a frame falls back to that doesn't shrink.</summary>
    None = 0,

    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd = 1,

    /// <summary>LZ4 block format.</summary>
    Lz4 = 2,
}
