using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// Stands for an image that isn't there: it may have spoken of any block, so whatever no newer image tells is lost.
/// </summary>
/// <param name="problem">What is wrong with the image, for people.</param>
internal sealed class MissingCursor(long blocks, string problem) : ExtentCursor
{
    private readonly IndexExtent all = new(0, blocks, BlockState.Lost);
    private bool moved;

    public override ImageReader? Image => null;

    public override ref readonly IndexExtent Current => ref all;

    public override ReadOnlySpan<UInt128> Hashes => [];

    public override string Problem => problem;

    public override bool MoveTo(long block)
    {
        var before = moved;
        moved = true;
        return !before && all.End > block;
    }

    public override bool SeekTo(long block)
    {
        moved = true;
        return all.End > block;
    }
}
