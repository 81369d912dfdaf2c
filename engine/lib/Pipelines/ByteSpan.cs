namespace Tidemark.Engine.Pipelines;

/// <summary>A part of a volume, in bytes; neither end needs to lie at a block.</summary>
internal readonly record struct ByteSpan(long Offset, long Length)
{
    public long End => Offset + Length;

    /// <summary>The blocks that the span touches: the first, and the one behind the last.</summary>
    public (long First, long End) Blocks(int blockSize) => (Offset / blockSize, (End + blockSize - 1) / blockSize);
}
