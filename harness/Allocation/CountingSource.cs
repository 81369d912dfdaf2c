using Tidemark.Engine.Allocation;

namespace Tidemark.Harness.Allocation;

/// <summary>A source that counts what is asked of it.</summary>
internal sealed class CountingSource(AllocationSource source) : AllocationSource
{
    public long BytesRead { get; private set; }

    public override long Length => source.Length;

    public override int SectorSize => source.SectorSize;

    protected override void ReadInside(long offset, Span<byte> buffer)
    {
        BytesRead += buffer.Length;
        source.Read(offset, buffer);
    }
}
