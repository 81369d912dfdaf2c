namespace Tidemark.Engine.Format;

/// <summary>Where a frame lies: byte offset in the image's payload and stored bytes, header included.</summary>
internal readonly record struct FrameRef(long Offset, int Length);

/// <summary>
/// Consecutive blocks in one state. Stored blocks stand in one frame, from <paramref name="BlockInFrame"/> on;
/// their hashes start at <paramref name="HashIndex"/> of the page or array the extent came with.
/// </summary>
internal readonly record struct IndexExtent(
    long First, long Count, BlockState State, FrameRef Frame = default, int BlockInFrame = 0, int HashIndex = 0)
{
    public long End => First + Count;
}
