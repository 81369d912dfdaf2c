using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The superblock of Minix, versions 1 to 3 (Linux, include/linux/minix_fs.h), in either byte order.</summary>
internal static class MinixSuperblock
{
    private const int Offset = 1024;
    private const int Size = 64;
    private const ushort ExtMagic = 0xEF53;

    public static IEnumerable<DiskSignature> Find(VolumeView disk)
    {
        if (Is(disk))
        {
            yield return new DiskSignature("Minix file system", Offset, Size);
        }
    }

    private static bool Is(VolumeView disk)
    {
        Span<byte> block = stackalloc byte[Size];

        // The magic has two bytes; a count of an ext superblock may hold them.
        if (!disk.TryRead(Offset, block) || BinaryPrimitives.ReadUInt16LittleEndian(block[0x38..]) == ExtMagic)
        {
            return false;
        }

        return IsOld(BinaryPrimitives.ReadUInt16LittleEndian(block[0x10..]), block) || IsOld(BinaryPrimitives.ReadUInt16BigEndian(block[0x10..]), block)
            || BinaryPrimitives.ReadUInt16LittleEndian(block[0x18..]) == 0x4D5A || BinaryPrimitives.ReadUInt16BigEndian(block[0x18..]) == 0x4D5A;
    }

    private static bool IsOld(ushort magic, ReadOnlySpan<byte> block) =>
        magic is 0x137F or 0x138F or 0x2468 or 0x2478
        && BinaryPrimitives.ReadUInt16LittleEndian(block[4..]) != 0 && BinaryPrimitives.ReadUInt16LittleEndian(block[6..]) != 0;
}
