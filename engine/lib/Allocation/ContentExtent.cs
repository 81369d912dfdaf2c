namespace Tidemark.Engine.Allocation;

/// <summary>A range of bytes of a volume that a file's content has. <paramref name="Length"/> is positive.</summary>
internal readonly record struct ContentExtent(long Offset, long Length)
{
    public long End => Offset + Length;
}
