namespace Tidemark.Engine.Allocation;

/// <summary>A range of bytes of a volume and what is said of it. <paramref name="Length"/> is positive.</summary>
internal readonly record struct AllocationExtent(long Offset, long Length, AllocationState State)
{
    public long End => Offset + Length;
}
