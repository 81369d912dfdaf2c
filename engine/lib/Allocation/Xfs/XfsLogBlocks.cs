using System.Diagnostics;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>The basic blocks of a log that lies within its volume. Behind the last comes the first.</summary>
internal sealed class XfsLogBlocks
{
    /// <summary>Basic blocks read at once where many are looked at.</summary>
    private const int Piece = 128;

    private readonly AllocationSource volume;
    private readonly long start;
    private readonly byte[] piece = new byte[Piece * XfsGeometry.BasicBlock];

    public XfsLogBlocks(AllocationSource volume, XfsGeometry geometry)
    {
        this.volume = volume;
        start = geometry.LogOffset;
        Count = geometry.LogBasicBlocks;
    }

    public int Count { get; }

    public void Read(int block, Span<byte> blocks)
    {
        Debug.Assert(block >= 0 && block < Count && blocks.Length % XfsGeometry.BasicBlock == 0);
        var before = (int)Math.Min(blocks.Length, (long)(Count - block) * XfsGeometry.BasicBlock);
        volume.Read(start + ((long)block * XfsGeometry.BasicBlock), blocks[..before]);
        if (before < blocks.Length)
        {
            volume.Read(start, blocks[before..]);
        }
    }

    /// <summary>The cycle in which a block was written; 0 where it never was.</summary>
    public uint Cycle(int block)
    {
        var bytes = piece.AsSpan(0, XfsGeometry.BasicBlock);
        Read(block, bytes);
        return CycleOf(bytes);
    }

    public bool BeginsRecord(int block)
    {
        var bytes = piece.AsSpan(0, XfsGeometry.BasicBlock);
        Read(block, bytes);
        return XfsMetadata.Word(bytes, 0) == XfsLogRecord.Magic;
    }

    /// <summary>Whether all blocks of a range, which doesn't go beyond the last, were written in one cycle.</summary>
    public bool AreOf(uint cycle, int first, int end)
    {
        for (var block = first; block < end; block += Piece)
        {
            var bytes = piece.AsSpan(0, Math.Min(Piece, end - block) * XfsGeometry.BasicBlock);
            Read(block, bytes);
            for (var i = 0; i < bytes.Length; i += XfsGeometry.BasicBlock)
            {
                if (CycleOf(bytes[i..]) != cycle)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static uint CycleOf(ReadOnlySpan<byte> block)
    {
        var word = XfsMetadata.Word(block, 0);
        return word == XfsLogRecord.Magic ? XfsMetadata.Word(block, 4) : word;
    }
}
