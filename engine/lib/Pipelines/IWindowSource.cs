namespace Tidemark.Engine.Pipelines;

/// <summary>Plans windows in block order, without reading a frame.</summary>
internal interface IWindowSource
{
    /// <summary>
    /// The next piece of the volume: either the window was filled with its plan, or a range reads as zeros
    /// (<paramref name="zeroBlocks"/> is not 0). False at the end.
    /// </summary>
    bool TryNext(WindowPlan window, out long zeroFirst, out long zeroBlocks);
}
