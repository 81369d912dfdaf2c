using System.Diagnostics;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// One block of a group's trees of free space, by block number or by length (XFS Algorithms and Data Structures, "Short Format B+tree Block
/// Header" and "AG Free Space B+trees"). The same object is read into again and again.
/// </summary>
internal sealed class XfsTreeBlock
{
    /// <summary>No block: there is no neighbour (NULLAGBLOCK).</summary>
    public const uint None = uint.MaxValue;

    /// <summary>What messages call the tree.</summary>
    public const string Name = "tree of free space";

    private const int ChecksumOffset = 52;
    private const int RecordSize = 8;
    private const int PointerSize = 4;

    private readonly AllocationSource volume;
    private readonly XfsGeometry geometry;
    private readonly byte[] bytes;
    private readonly int headerSize;
    private readonly bool isByCount;

    public XfsTreeBlock(AllocationSource volume, XfsGeometry geometry, bool isByCount = false)
    {
        this.isByCount = isByCount;
        this.volume = volume;
        this.geometry = geometry;
        bytes = new byte[geometry.BlockSize];
        headerSize = geometry.HasChecksums ? 56 : 16;
    }

    /// <summary>Its number within the group.</summary>
    public uint Block { get; private set; }

    public int Count { get; private set; }

    public uint Left => XfsMetadata.Word(bytes, 8);

    public uint Right => XfsMetadata.Word(bytes, 12);

    /// <summary>Which record or child is under way.</summary>
    public int Index { get; set; }

    private int MaxChildren => (bytes.Length - headerSize) / (RecordSize + PointerSize);

    public void Read(uint group, uint groupBlocks, uint block, int level, bool mayBeEmpty, ulong logHead)
    {
        if (block < geometry.FirstFreeable || block >= groupBlocks)
        {
            throw XfsMetadata.Wrong(Name, group, "it points outside of the group");
        }

        Block = block;
        Index = 0;
        var offset = geometry.OffsetOf(group, block);
        volume.Read(offset, bytes);
        var magic = isByCount ? (geometry.HasChecksums ? "AB3C"u8 : "ABTC"u8) : geometry.HasChecksums ? "AB3B"u8 : "ABTB"u8;
        if (!bytes.AsSpan().StartsWith(magic) || XfsMetadata.Word(bytes, 4) >> 16 != level)
        {
            throw XfsMetadata.Wrong(Name, group, "a block of it is something else");
        }

        if (geometry.HasChecksums)
        {
            XfsMetadata.CheckSum(geometry, bytes, ChecksumOffset, idOffset: 32, Name, group);
            XfsMetadata.CheckTime(XfsMetadata.Long(bytes, 24), logHead, Name, group);
            if (XfsMetadata.Long(bytes, 16) != (ulong)offset / XfsGeometry.BasicBlock || XfsMetadata.Word(bytes, 48) != group)
            {
                throw XfsMetadata.Wrong(Name, group, "a block of it stands in a wrong place");
            }
        }

        Count = (int)(XfsMetadata.Word(bytes, 4) & 0xFFFF);
        var most = level == 0 ? (bytes.Length - headerSize) / RecordSize : MaxChildren;
        if (Count > most || (Count == 0 && !mayBeEmpty))
        {
            throw XfsMetadata.Wrong(Name, group, "the count of a block of it is wrong");
        }
    }

    /// <summary>The first block of a record, or of what is below a child.</summary>
    public uint Start(int index)
    {
        Debug.Assert(index < Count);
        return XfsMetadata.Word(bytes, headerSize + (index * RecordSize));
    }

    /// <summary>Blocks of a record.</summary>
    public uint Length(int index)
    {
        Debug.Assert(index < Count);
        return XfsMetadata.Word(bytes, headerSize + (index * RecordSize) + 4);
    }

    public uint Child(int index)
    {
        Debug.Assert(index < Count);
        return XfsMetadata.Word(bytes, headerSize + (MaxChildren * RecordSize) + (index * PointerSize));
    }
}
