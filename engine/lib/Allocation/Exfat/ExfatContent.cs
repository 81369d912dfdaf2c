namespace Tidemark.Engine.Allocation.Exfat;

/// <summary>The content of a chain of clusters.</summary>
internal sealed class ExfatContent : AllocationContent
{
    private readonly AllocationSource source;
    private readonly ExfatVolume volume;
    private readonly List<(uint First, uint Count)> runs;

    // Where each run begins in the content.
    private readonly long[] starts;

    public ExfatContent(AllocationSource source, ExfatVolume volume, List<(uint First, uint Count)> runs, long length)
    {
        this.source = source;
        this.volume = volume;
        this.runs = runs;
        Length = length;
        starts = new long[runs.Count];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + (runs[i - 1].Count * (long)volume.ClusterSize);
        }
    }

    public override long Length { get; }

    public IReadOnlyList<(uint First, uint Count)> Runs => runs;

    protected override void ReadInside(long position, Span<byte> buffer)
    {
        var found = Array.BinarySearch(starts, position);
        for (var i = found < 0 ? ~found - 1 : found; buffer.Length > 0; i++)
        {
            var within = position - starts[i];
            var count = (int)Math.Min(buffer.Length, (runs[i].Count * (long)volume.ClusterSize) - within);
            source.Read(volume.OffsetOf(runs[i].First) + within, buffer[..count]);
            buffer = buffer[count..];
            position += count;
        }
    }
}
