using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The volume's own shadow copies (libyal's "Volume Shadow Snapshot (VSS) format": Volume header, Catalog). A shadow copy has what
/// was overwritten since, and reads all else from the volume, so also what the volume calls free by now.
/// </summary>
internal static class ShadowStorage
{
    /// <summary>Within the 8 KiB of $Boot.</summary>
    private const long HeaderOffset = 0x1E00;

    private const int HeaderSize = 512;
    private const int CatalogAt = 48;
    private const int VolumeAt = 64;
    private const int StorageAt = 80;

    private const int CatalogBlockSize = 16 << 10;
    private const int NextBlockAt = 40;
    private const int EntrySize = 128;
    private const int UnusedEntry = 1;

    /// <summary>Windows keeps 512 shadow copies of a volume, with two entries each; a catalog that is longer goes round.</summary>
    private const int MostCatalogBlocks = 64;

    private static ReadOnlySpan<byte> Identifier =>
        [0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52];

    /// <exception cref="AllocationException">The volume has shadow copies.</exception>
    public static void Check(AllocationSource volume)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        volume.Read(HeaderOffset, header);
        if (!header.StartsWith(Identifier))
        {
            return;
        }

        if (!header.Slice(StorageAt, 16).SequenceEqual(header.Slice(VolumeAt, 16)))
        {
            throw new AllocationException("its shadow copies are kept on another volume");
        }

        var block = new byte[CatalogBlockSize];
        var next = BinaryPrimitives.ReadInt64LittleEndian(header[CatalogAt..]);
        for (var i = 0; next != 0; i++)
        {
            volume.Read(next, block);
            if (i == MostCatalogBlocks || !block.AsSpan().StartsWith(Identifier) || !IsEmpty(block))
            {
                throw new AllocationException("it has shadow copies of its own, which read what its file system calls free");
            }

            next = BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(NextBlockAt));
        }
    }

    private static bool IsEmpty(ReadOnlySpan<byte> block)
    {
        for (var entries = block[EntrySize..]; entries.Length > 0; entries = entries[EntrySize..])
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(entries) > UnusedEntry)
            {
                return false;
            }
        }

        return true;
    }
}
