namespace Tidemark.Engine.Allocation.Ext;

/// <summary>The blocks of an ext file system as its drivers would read them.</summary>
internal sealed class ExtBlocks(AllocationSource volume, int blockSize)
{
    /// <summary>Bytes of a block.</summary>
    public int BlockSize { get; } = blockSize;

    /// <summary>Reads a part of a block.</summary>
    /// <exception cref="AllocationException">The block isn't there, or can't be read.</exception>
    public void Read(long block, int offset, Span<byte> buffer) => ReadDisk(block, offset, buffer);

    /// <summary>The same as it stands on the disk, whatever the journal has.</summary>
    public void ReadDisk(long block, int offset, Span<byte> buffer) => volume.Read((block * BlockSize) + offset, buffer);
}
