using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// The block allocation table: after the payload blocks of each chunk comes the entry of the chunk's sector bitmap
/// ([MS-VHDX] 2.5). A chunk is what one bitmap block of 1 MiB describes: 2^23 sectors.
/// </summary>
internal sealed class VhdxBlockTable
{
    /// <summary>Sectors that one bitmap block describes.</summary>
    public const long SectorsPerChunk = 1 << 23;

    // 16 pages of 16 KiB hold the entries of 32 GiB of 1 MiB blocks at a time; a chain of 64 files then takes 16 MiB.
    private const int PageSize = 16 << 10;
    private const int PageCount = 16;

    private readonly TablePages pages;
    private readonly long offset;

    /// <param name="file">The file, the log replayed.</param>
    /// <param name="offset">Where the table begins; it lies within the file.</param>
    /// <param name="blockCount">Payload blocks of the disk.</param>
    /// <param name="chunkRatio">Payload blocks of a chunk.</param>
    public VhdxBlockTable(BlockDevice file, long offset, long blockCount, long chunkRatio)
    {
        Debug.Assert(offset % VhdxBatEntry.Size == 0 && chunkRatio > 0);
        this.offset = offset;
        ChunkRatio = chunkRatio;
        BlockCount = blockCount;
        pages = new TablePages(file, PageSize, PageCount);
    }

    public long BlockCount { get; }

    public long ChunkRatio { get; }

    /// <summary>Entries that the table of a disk has; a differencing disk has the bitmap of its last chunk too.</summary>
    public static long EntryCount(long blockCount, long chunkRatio, bool differencing) => differencing
        ? (blockCount + chunkRatio - 1) / chunkRatio * (chunkRatio + 1)
        : blockCount + ((blockCount - 1) / chunkRatio);

    /// <exception cref="DeviceIoException">The table can't be read there.</exception>
    public VhdxBatEntry Payload(long block)
    {
        Debug.Assert(block >= 0 && block < BlockCount);
        return Entry(block + (block / ChunkRatio));
    }

    /// <exception cref="DeviceIoException">The table can't be read there.</exception>
    public VhdxBatEntry Bitmap(long chunk) => Entry((chunk * (ChunkRatio + 1)) + ChunkRatio);

    private VhdxBatEntry Entry(long index) => new(pages.ReadUInt64LittleEndian(offset + (index * VhdxBatEntry.Size)));
}
