namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The header of the volume's own shadow copies (libyal's "Volume Shadow Snapshot (VSS) format", Volume header). A shadow copy has
/// what was overwritten since, and reads all else from the volume, so also what the volume calls free by now.
/// </summary>
internal static class ShadowStorage
{
    /// <summary>Within the 8 KiB of $Boot.</summary>
    private const long HeaderOffset = 0x1E00;

    private const int HeaderSize = 512;
    private const int CatalogAt = 48;

    private static ReadOnlySpan<byte> Identifier =>
        [0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52];

    /// <exception cref="AllocationException">The volume has shadow copies.</exception>
    public static void Check(AllocationSource volume)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        volume.Read(HeaderOffset, header);
        if (header.StartsWith(Identifier) && header.Slice(CatalogAt, sizeof(long)).ContainsAnyExcept((byte)0))
        {
            throw new AllocationException("it has shadow copies of its own, which read what its file system calls free");
        }
    }
}
