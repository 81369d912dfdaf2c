using Tidemark.Engine.Allocation;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// What an allocation map says, by whole blocks: one that is used in part is used. Where the map turns out not to be what it was,
/// all that follows is used.
/// </summary>
internal sealed class MappedBlocks
{
    private readonly AllocationMap map;
    private readonly long length;
    private readonly int blockSize;
    private AllocationState state;
    private long start;
    private long end;

    /// <param name="map">Stays the caller's.</param>
    /// <param name="length">Bytes of the source.</param>
    public MappedBlocks(AllocationMap map, long length, int blockSize)
    {
        Invariant.Holds(map.Length <= length);
        this.map = map;
        this.length = length;
        this.blockSize = blockSize;
    }

    /// <summary>Why the map was given up in mid-scan; null as long as it holds.</summary>
    public string? Problem { get; private set; }

    /// <summary>Bytes that needn't be read, by the map's own count.</summary>
    public long SparedBytes => map.Length - map.UsedBytes;

    /// <summary>What a block is, and where the blocks end that are known to be like it.</summary>
    /// <param name="position">A block's first byte; positions never go back by more than the extent told last.</param>
    public AllocationState At(long position, out long until)
    {
        if (position < start || position >= end)
        {
            Find(position);
        }

        until = end;
        return state;
    }

    private void Find(long position)
    {
        start = position;
        if (Problem is null && position < map.Length)
        {
            try
            {
                Measure(position);
                return;
            }
            catch (AllocationException e)
            {
                Problem = e.Message;
            }
        }

        (state, end) = (AllocationState.Used, length);
    }

    private void Measure(long position)
    {
        var extent = map.ExtentAt(position);
        var stop = extent.End;
        while (stop < map.Length && map.ExtentAt(stop) is var next && next.State == extent.State)
        {
            stop = next.End;
        }

        state = extent.State;
        if (state == AllocationState.Used)
        {
            end = Math.Min(length, (stop + blockSize - 1) / blockSize * blockSize);
            return;
        }

        end = stop == length ? length : stop / blockSize * blockSize;
        if (end <= position)
        {
            state = AllocationState.Used;
            end = Math.Min(length, position + blockSize);
        }
    }
}
