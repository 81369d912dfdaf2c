using Tidemark.Engine.Format;

namespace Tidemark.Engine.Index;

/// <summary>
/// Consecutive blocks as the newest image that knows them tells it; <see cref="BlockState.Absent"/> where none does.
/// </summary>
/// <param name="Layer">The image's place in the lineage, 0 the newest; -1 for absent blocks.</param>
internal readonly record struct MergedExtent(
    long First, long Count, BlockState State, int Layer, FrameRef Frame, int BlockInFrame)
{
    public long End => First + Count;
}
