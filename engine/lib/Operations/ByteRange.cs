namespace Tidemark.Engine.Operations;

/// <summary>A range of bytes of a volume.</summary>
public readonly record struct ByteRange(long Offset, long Length);
