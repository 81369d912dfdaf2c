namespace Tidemark.Engine.Keys;

/// <summary>What a sealed piece of an image is. The values stand in nonces, so each section has ordinals of its own.</summary>
internal enum CipherSection : uint
{
    /// <summary>A frame; the ordinal counts frames from 0 in the order they stand in the image, through all of its parts.</summary>
    Frame = 1,

    /// <summary>An index page, counted from 0.</summary>
    IndexPage = 2,

    /// <summary>A piece of metadata, counted from 0.</summary>
    Metadata = 3,

    /// <summary>The footer, ordinal 0.</summary>
    Footer = 4,

    /// <summary>The header, ordinal 0.</summary>
    Header = 5,
}
