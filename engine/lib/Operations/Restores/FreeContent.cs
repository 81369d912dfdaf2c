namespace Tidemark.Engine.Operations.Restores;

/// <summary>
/// What a restore does with blocks that nobody could reach when they were imaged. Where signatures of what a target was before are
/// looked for (both ends, and where copies of superblocks lie) they become zeros in any case.
/// </summary>
public enum FreeContent
{
    /// <summary>A device keeps there what it held; a file that is made has holes.</summary>
    Keep,

    /// <summary>They become zeros.</summary>
    Zero,

    /// <summary>The device is told that nobody needs what it holds there (discard), where it takes that.</summary>
    Trim,
}
