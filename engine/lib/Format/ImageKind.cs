namespace Tidemark.Engine.Format;

/// <summary>How an image relates to others; the values stand in image headers.</summary>
public enum ImageKind : byte
{
    /// <summary>Stands alone.</summary>
    Full = 1,

    /// <summary>Holds what changed since the tip of its chain.</summary>
    Incremental = 2,

    /// <summary>Holds what changed since the newest full image of its chain.</summary>
    Differential = 3,

    /// <summary>
    /// No point in time: blocks of its parent that were damaged there, and that came back from the source. It is read as if it
    /// were newer than the parent and older than all else.
    /// </summary>
    Healing = 4,
}
