using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// The block allocation table of a dynamic disk: for each block the sector where its bitmap begins, with the data
/// right behind it (specification 1.0, "Block Allocation Table and Data Blocks").
/// </summary>
internal sealed class VhdBlockTable
{
    /// <summary>The entry of a block that has no place in the file.</summary>
    public const uint Unused = uint.MaxValue;

    /// <summary>Bytes of an entry.</summary>
    public const int EntrySize = sizeof(uint);

    // 16 pages of 16 KiB hold the table of 128 GiB at a time; a chain of 64 files then takes 16 MiB.
    private const int PageSize = 16 << 10;
    private const int PageCount = 16;

    private readonly TablePages pages;
    private readonly long offset;

    public VhdBlockTable(BlockDevice file, long offset, long entryCount)
    {
        Debug.Assert(offset >= 0 && offset % VhdFooter.SectorSize == 0 && offset + (entryCount * EntrySize) <= file.Length);
        this.offset = offset;
        EntryCount = entryCount;
        pages = new TablePages(file, PageSize, PageCount);
    }

    public long EntryCount { get; }

    /// <summary>Bytes of the bitmap in front of each block: a bit for each sector, rounded up to whole sectors.</summary>
    public static long BitmapSize(long blockSize)
    {
        var bytes = (blockSize / VhdFooter.SectorSize + 7) / 8;
        return (bytes + VhdFooter.SectorSize - 1) / VhdFooter.SectorSize * VhdFooter.SectorSize;
    }

    /// <summary>The file offset of a block's bitmap, or -1 if the block is unused.</summary>
    /// <exception cref="DeviceIoException">The table can't be read there.</exception>
    public long BitmapOffset(long block)
    {
        Debug.Assert(block >= 0 && block < EntryCount);
        var entry = pages.ReadUInt32BigEndian(offset + (block * EntrySize));
        return entry == Unused ? -1 : (long)entry * VhdFooter.SectorSize;
    }
}
