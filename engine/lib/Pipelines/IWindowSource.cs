namespace Tidemark.Engine.Pipelines;

/// <summary>Blocks that need no window; none with a count of 0.</summary>
/// <param name="Kept">Whether they are free and left as they are; zeros otherwise.</param>
internal readonly record struct EmptyBlocks(long First, long Count, bool Kept);

/// <summary>Plans windows in block order, without reading a frame.</summary>
internal interface IWindowSource
{
    /// <summary>
    /// The next piece of the volume: either the window was filled with its plan, or a range reads as zeros
    /// or is left as it is. False at the end.
    /// </summary>
    bool TryNext(WindowPlan window, out EmptyBlocks empty);
}
