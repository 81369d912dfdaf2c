using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Ext.Journal;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>The blocks of an ext file system as its drivers would read them: as its journal has them, where that is to be replayed.</summary>
internal sealed class ExtBlocks(AllocationSource volume, int blockSize)
{
    /// <summary>Bytes of a block.</summary>
    public int BlockSize { get; } = blockSize;

    /// <summary>What a replay would write; null where there is nothing.</summary>
    public JournalOverlay? Overlay { get; set; }

    /// <summary>Whether the journal has another content of a block than the disk.</summary>
    public bool IsChanged(long block) => Overlay is { } overlay && overlay.TryGet(block, out _);

    /// <summary>Reads a part of a block.</summary>
    /// <exception cref="AllocationException">The block isn't there, or can't be read.</exception>
    public void Read(long block, int offset, Span<byte> buffer)
    {
        if (Overlay is not { } overlay || !overlay.TryGet(block, out var copy))
        {
            ReadDisk(block, offset, buffer);
            return;
        }

        ReadDisk(copy.Block, offset, buffer);
        if (copy.IsEscaped && offset < sizeof(uint))
        {
            Span<byte> magic = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(magic, JournalSuperblock.Magic);
            magic = magic[offset..];
            magic[..Math.Min(magic.Length, buffer.Length)].CopyTo(buffer);
        }
    }

    /// <summary>The same as it stands on the disk, whatever the journal has.</summary>
    public void ReadDisk(long block, int offset, Span<byte> buffer)
    {
        if (block < 0 || block > volume.Length / BlockSize)
        {
            throw new AllocationException($"its records point to block {block}, which lies outside of it");
        }

        volume.Read((block * BlockSize) + offset, buffer);
    }
}
