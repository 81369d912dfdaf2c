using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Disks;

/// <summary>
/// Linux swap space (include/linux/swap.h, union swap_header): its first page has name and UUID and stays, the others are left out. One
/// that holds a suspended system has another magic, and is no swap space here.
/// </summary>
internal sealed class SwapMap : AllocationMap
{
    private const int VersionAt = 0x400;
    private const int LastPageAt = 0x404;
    private const int MagicLength = 10;
    private const int MinPage = 4096;
    private const int MaxPage = 65536;

    private readonly long first;
    private readonly long end;

    private SwapMap(long length, long first, long end) => (Length, this.first, this.end) = (length, first, end);

    public override string FileSystem => "swap";

    public override long Length { get; }

    public override long UsedBytes => Length - ExcludedBytes;

    public override long ExcludedBytes => end - first;

    /// <summary>Opens the map of swap space; null where it isn't any.</summary>
    /// <exception cref="AllocationException">It is, and contradicts itself.</exception>
    public static SwapMap? TryOpen(AllocationSource volume)
    {
        var start = new byte[(int)Math.Min(MaxPage, volume.Length)];
        volume.Read(0, start);
        for (var page = MinPage; page <= start.Length; page *= 2)
        {
            if (start.AsSpan(page - MagicLength, MagicLength).SequenceEqual("SWAPSPACE2"u8))
            {
                return Open(start, page, volume.Length);
            }
        }

        return null;
    }

    private static SwapMap Open(ReadOnlySpan<byte> start, int page, long length)
    {
        // In the byte order of the machine that made it.
        var isLittle = BinaryPrimitives.ReadUInt32LittleEndian(start[VersionAt..]) == 1;
        if (!isLittle && BinaryPrimitives.ReadUInt32BigEndian(start[VersionAt..]) != 1)
        {
            throw new AllocationException("its swap header has a version that isn't known here");
        }

        var last = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(start[LastPageAt..]) : BinaryPrimitives.ReadUInt32BigEndian(start[LastPageAt..]);
        var end = (last + 1L) * page;
        return last > 0 && end <= length
            ? new SwapMap(length, page, end)
            : throw new AllocationException($"its swap header speaks of {end} bytes, and {length} are there");
    }

    protected override AllocationExtent Find(long offset) =>
        offset < first ? new AllocationExtent(offset, first - offset, AllocationState.Used)
        : offset < end ? new AllocationExtent(offset, end - offset, AllocationState.Excluded)
        : new AllocationExtent(offset, Length - offset, AllocationState.Used);
}
