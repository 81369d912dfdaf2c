namespace Tidemark.Engine;

/// <summary>
/// What whoever runs the engine can do about an error or a warning, where that is a part of the request. The engine says it in
/// its own words (<see cref="AdviceWords"/>); a program says it in those of its own switches.
/// </summary>
public enum Advice
{
    /// <summary>The message says it itself.</summary>
    None,

    /// <summary>Ask for a target to be overwritten.</summary>
    Overwrite,

    /// <summary>Ask for a file to be replaced.</summary>
    Replace,

    /// <summary>Ask for an interrupted restore to be resumed.</summary>
    Resume,

    /// <summary>Ask for an interrupted restore to be resumed, or for the target to be overwritten.</summary>
    ResumeOrOverwrite,

    /// <summary>Take down by force what is in use.</summary>
    TakeAway,

    /// <summary>Ask for what there is of a point in time to be salvaged.</summary>
    Salvage,

    /// <summary>Allow more unreadable bytes.</summary>
    AllowUnreadable,

    /// <summary>Ask for a pattern in the place of unreadable sectors.</summary>
    Pattern,

    /// <summary>Say that a file is a raw disk.</summary>
    SayRaw,

    /// <summary>Say that a file is a qcow2 file, or a raw disk.</summary>
    SayQcow2OrRaw,

    /// <summary>Convert a file, or say that it is a raw disk.</summary>
    ConvertOrSayRaw,

    /// <summary>Don't say what a file is.</summary>
    SayNoFormat,

    /// <summary>Say which format a new file gets.</summary>
    SayFormat,

    /// <summary>Ask for no snapshot.</summary>
    NoSnapshot,

    /// <summary>Leave out what lies behind the last partition.</summary>
    Fit,

    /// <summary>Copy the bytes as they are.</summary>
    AsIs,

    /// <summary>Ask for a full image.</summary>
    FullImage,

    /// <summary>Ask for any image, which is a full one in a new chain.</summary>
    AnyImage,

    /// <summary>Say which chain is meant.</summary>
    NameChain,

    /// <summary>Begin another chain.</summary>
    OtherChain,

    /// <summary>Begin another chain, or adopt the one there is.</summary>
    OtherChainOrAdopt,
}
