using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// What transactions of the log do to the superblock, if they do nothing else (XFS Algorithms and Data Structures, "Log
/// Operations" and "Buffer Log Item"; Linux, struct xlog_op_header, xfs_trans_header, xfs_buf_log_format).
/// </summary>
internal sealed class XfsSuperblockChange
{
    private const int OperationHeaderSize = 12;
    private const byte StartFlag = 1;
    private const byte CommitFlag = 2;

    /// <summary>"TRAN".</summary>
    private const uint TransactionMagic = 0x5452414E;
    private const int TransactionHeaderSize = 16;
    private const ushort BufferItem = 0x123C;

    /// <summary>An inode's part of a buffer, and a buffer that is void from here on (XFS_BLF_INODE_BUF, XFS_BLF_CANCEL).</summary>
    private const ushort OddBufferFlags = 3;

    /// <summary>Bytes that a bit of a buffer's map stands for (XFS_BLF_CHUNK).</summary>
    private const int Chunk = 128;

    private readonly byte[] superblock;

    public XfsSuperblockChange(ReadOnlySpan<byte> superblock) => this.superblock = superblock.ToArray();

    /// <summary>The superblock with all changes.</summary>
    public ReadOnlySpan<byte> Superblock => superblock;

    /// <summary>Applies a record of whole transactions; false where it holds anything else.</summary>
    public bool TryApply(XfsLogRecord record)
    {
        var rest = record.Data.AsSpan();
        var transaction = new Transaction(superblock);
        for (var i = 0u; i < record.Operations; i++)
        {
            if (rest.Length < OperationHeaderSize)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            var flags = rest[9];
            rest = rest[OperationHeaderSize..];
            if (length > rest.Length || !transaction.TryTake(flags, rest[..(int)length]))
            {
                return false;
            }

            rest = rest[(int)length..];
        }

        return transaction.IsBetween;
    }

    private ref struct Transaction
    {
        private readonly byte[] superblock;
        private bool isOpen;
        private bool hasHeader;

        // The map of the buffer whose regions come next, in bits from here on.
        private ReadOnlySpan<byte> map;
        private int bit;
        private int regions;

        public Transaction(byte[] superblock) => this.superblock = superblock;

        public readonly bool IsBetween => !isOpen;

        public bool TryTake(byte flags, ReadOnlySpan<byte> region)
        {
            switch (flags)
            {
                case StartFlag when !isOpen && region.IsEmpty:
                    (isOpen, hasHeader, regions) = (true, false, 0);
                    return true;
                case CommitFlag when isOpen && hasHeader && regions == 0 && region.IsEmpty:
                    isOpen = false;
                    return true;
                case 0 when isOpen:
                    return !hasHeader ? TryHeader(region) : regions > 0 ? TryRegion(region) : TryItem(region);
                default:
                    return false;
            }
        }

        private bool TryHeader(ReadOnlySpan<byte> region)
        {
            hasHeader = region.Length == TransactionHeaderSize && BinaryPrimitives.ReadUInt32LittleEndian(region) == TransactionMagic;
            return hasHeader;
        }

        private bool TryItem(ReadOnlySpan<byte> region)
        {
            const int MapOffset = 20;
            if (region.Length < MapOffset || BinaryPrimitives.ReadUInt16LittleEndian(region) != BufferItem)
            {
                return false;
            }

            regions = BinaryPrimitives.ReadUInt16LittleEndian(region[2..]) - 1;
            var words = BinaryPrimitives.ReadUInt32LittleEndian(region[16..]);
            if (regions < 1 || (BinaryPrimitives.ReadUInt16LittleEndian(region[4..]) & OddBufferFlags) != 0
                || BinaryPrimitives.ReadInt64LittleEndian(region[8..]) != 0 || words > (region.Length - MapOffset) / sizeof(uint))
            {
                return false;
            }

            map = region.Slice(MapOffset, (int)words * sizeof(uint));
            bit = 0;
            return true;
        }

        // One region for each run of set bits.
        private bool TryRegion(ReadOnlySpan<byte> region)
        {
            while (!IsSet(bit) && bit < map.Length * 8)
            {
                bit++;
            }

            var first = bit;
            while (IsSet(bit))
            {
                bit++;
            }

            if (bit == first || region.Length != (bit - first) * Chunk || bit * Chunk > superblock.Length)
            {
                return false;
            }

            region.CopyTo(superblock.AsSpan(first * Chunk));
            regions--;
            return true;
        }

        private readonly bool IsSet(int index) => index < map.Length * 8 && (map[index / 8] & (1 << (index % 8))) != 0;
    }
}
