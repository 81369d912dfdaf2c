using System.Diagnostics;

namespace Tidemark.Engine.Allocation.Disks;

/// <summary>A range of a source as a volume of its own.</summary>
internal sealed class RangeSource : AllocationSource
{
    private readonly AllocationSource source;
    private readonly long start;

    public RangeSource(AllocationSource source, long start, long length)
    {
        Debug.Assert(start >= 0 && length >= 0 && start <= source.Length - length);
        (this.source, this.start, Length) = (source, start, length);
    }

    public override long Length { get; }

    public override int SectorSize => source.SectorSize;

    protected override void ReadInside(long offset, Span<byte> buffer) => source.Read(start + offset, buffer);
}
