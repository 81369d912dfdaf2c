namespace Tidemark.Engine.Allocation;

/// <summary>Content that is in memory, since it was small.</summary>
internal sealed class MemoryContent(byte[] bytes) : AllocationContent
{
    public override long Length => bytes.Length;

    protected override void ReadInside(long position, Span<byte> buffer) => bytes.AsSpan((int)position, buffer.Length).CopyTo(buffer);
}
