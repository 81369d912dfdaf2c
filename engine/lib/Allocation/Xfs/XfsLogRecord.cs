using System.Buffers.Binary;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// One record of the log (XFS Algorithms and Data Structures, "Log Records"; Linux, fs/xfs/libxfs/xfs_log_format.h, struct
/// xlog_rec_header): header blocks, and data in which the first word of each block was swapped for the cycle's number.
/// </summary>
internal sealed class XfsLogRecord
{
    public const uint Magic = 0xFEEDBABE;

    /// <summary>Bytes of data that one header block has the swapped words of (XLOG_HEADER_CYCLE_SIZE).</summary>
    private const int DataPerHeader = 32 << 10;

    /// <summary>Bytes of data that a record has at most (XLOG_MAX_RECORD_BSIZE).</summary>
    public const int MaxData = 256 << 10;

    /// <summary>Blocks of the longest record.</summary>
    public const int MaxBlocks = (MaxData / XfsGeometry.BasicBlock) + (MaxData / DataPerHeader);

    private const int SwappedWordsOffset = 44;
    private const int SwappedWords = DataPerHeader / XfsGeometry.BasicBlock;
    private const int ChecksumOffset = 32;

    /// <summary>The formats of records with the byte order of x86 and ARM within (XLOG_FMT_LINUX_LE).</summary>
    private const uint LittleEndian = 1;

    private XfsLogRecord(byte[] data, int blocks, ulong tail, uint operations, bool isLittleEndian)
    {
        Data = data;
        Blocks = blocks;
        Tail = tail;
        Operations = operations;
        IsLittleEndian = isLittleEndian;
    }

    /// <summary>The data as it was before words were swapped.</summary>
    public byte[] Data { get; }

    /// <summary>Basic blocks of header and data.</summary>
    public int Blocks { get; }

    /// <summary>Where recovery would begin: cycle and block.</summary>
    public ulong Tail { get; }

    public uint Operations { get; }

    public bool IsLittleEndian { get; }

    /// <param name="log">Reads blocks of the log.</param>
    /// <param name="geometry">Whose log it is.</param>
    /// <param name="block">The header's first block.</param>
    public static XfsLogRecord Read(XfsLogBlocks log, XfsGeometry geometry, int block)
    {
        var header = new byte[XfsGeometry.BasicBlock];
        log.Read(block, header);
        var version = XfsMetadata.Word(header, 8);
        var length = XfsMetadata.Word(header, 12);
        if (XfsMetadata.Word(header, 0) != Magic || version is not (1 or 2) || length is 0 or > MaxData
            || length % XfsGeometry.BasicBlock != 0 || XfsMetadata.Long(header, 16) != Sequence(XfsMetadata.Word(header, 4), block))
        {
            throw XfsLog.Unclear("a record isn't whole");
        }

        if (new Guid(header.AsSpan(304, 16), bigEndian: true) != geometry.Id)
        {
            throw XfsLog.Unclear("it is of another file system");
        }

        var size = XfsMetadata.Word(header, 320);
        if (size > MaxData)
        {
            throw XfsLog.Unclear("a record isn't whole");
        }

        var headers = version == 2 && size > DataPerHeader ? (int)((size + DataPerHeader - 1) / DataPerHeader) : 1;
        var blocks = headers + ((int)length / XfsGeometry.BasicBlock);
        if (length > headers * DataPerHeader || blocks > log.Count)
        {
            throw XfsLog.Unclear("a record isn't whole");
        }

        var record = new byte[blocks * XfsGeometry.BasicBlock];
        log.Read(block, record);
        CheckSum(record, headers, version == 2 ? (int)((size + DataPerHeader - 1) / DataPerHeader) : 1);
        var data = record[(headers * XfsGeometry.BasicBlock)..];
        Restore(record, data);
        return new(data, blocks, XfsMetadata.Long(header, 24), XfsMetadata.Word(header, 40), XfsMetadata.Word(header, 300) == LittleEndian);
    }

    public static ulong Sequence(uint cycle, int block) => ((ulong)cycle << 32) | (uint)block;

    private static void Restore(byte[] record, byte[] data)
    {
        for (var i = 0; i < data.Length / XfsGeometry.BasicBlock; i++)
        {
            // The first header has other fields before its words, the others only the cycle.
            var words = i < SwappedWords ? SwappedWordsOffset : (i / SwappedWords * XfsGeometry.BasicBlock) + sizeof(uint);
            record.AsSpan(words + (i % SwappedWords * sizeof(uint)), sizeof(uint)).CopyTo(data.AsSpan(i * XfsGeometry.BasicBlock));
        }
    }

    // None is written by mkfs.xfs, and by kernels before 3.8. The header's structure is 4 bytes longer on systems of 64 bits.
    private static void CheckSum(byte[] record, int headers, int checkedHeaders)
    {
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(ChecksumOffset));
        if (stored != 0 && stored != SumOf(record, headers, checkedHeaders, 328) && stored != SumOf(record, headers, checkedHeaders, 324))
        {
            throw XfsLog.Unclear("the checksum of a record is wrong");
        }
    }

    private static uint SumOf(byte[] record, int headers, int checkedHeaders, int headerSize)
    {
        const int FurtherHeaderSize = sizeof(uint) + (SwappedWords * sizeof(uint));
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        var state = Crc32C.Append(Crc32C.Start, record.AsSpan(0, ChecksumOffset));
        state = Crc32C.Append(state, zero);
        state = Crc32C.Append(state, record.AsSpan(ChecksumOffset + sizeof(uint), headerSize - ChecksumOffset - sizeof(uint)));
        for (var i = 1; i < Math.Min(headers, checkedHeaders); i++)
        {
            state = Crc32C.Append(state, record.AsSpan(i * XfsGeometry.BasicBlock, FurtherHeaderSize));
        }

        return Crc32C.Finish(Crc32C.Append(state, record.AsSpan(headers * XfsGeometry.BasicBlock)));
    }
}
