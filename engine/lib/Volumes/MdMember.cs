using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// A member of a Linux software array, by its superblock (Linux, include/uapi/linux/raid/md_p.h): 0.90 in the last 64 to
/// 128 KiB, 1.0 in the last 8 to 12, 1.1 at the start, 1.2 at 4 KiB.
/// </summary>
/// <param name="Level">1 for mirrors; negative numbers are linear arrays, multipaths and the like.</param>
/// <param name="Disks">How many the array has.</param>
/// <param name="Offset">Where the array's data begins on the member, in bytes.</param>
/// <param name="Length">Bytes of data, none of which is the superblock's.</param>
/// <param name="IsSettled">Whether nothing moves between members: no reshape, no rebuild of this one.</param>
internal sealed record MdMember(int Level, uint Disks, long Offset, long Length, bool IsSettled)
{
    private const uint Magic = 0xA92B4EFC;
    private const int Sector = 512;
    private const int Reserved = 64 << 10;
    private const int ReadSize = 256;

    /// <summary>MD_FEATURE_RECOVERY_OFFSET and MD_FEATURE_RESHAPE_ACTIVE.</summary>
    private const uint Unsettled = 2 | 4;

    private const int Mirror = 1;

    /// <summary>Whether the member alone has all of the array's data.</summary>
    public bool IsCopy => Level == Mirror && IsSettled;

    public static MdMember? TryRead(VolumeView volume) =>
        TryReadVersion1(volume, 0) ?? TryReadVersion1(volume, 8) ?? TryReadVersion1(volume, ((volume.Length / Sector) - 16) & -8L) ?? TryReadVersion0(volume);

    private static MdMember? TryReadVersion1(VolumeView volume, long sector)
    {
        Span<byte> block = stackalloc byte[ReadSize];
        if (sector < 0 || !volume.TryRead(sector * Sector, block)
            || BinaryPrimitives.ReadUInt32LittleEndian(block) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(block[4..]) != 1
            || BinaryPrimitives.ReadInt64LittleEndian(block[144..]) != sector)
        {
            return null;
        }

        var offset = BinaryPrimitives.ReadInt64LittleEndian(block[128..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(block[136..]);
        var sectors = volume.Length / Sector;
        // What is said beyond the member is cut, and what would hold the superblock ends before it.
        offset = Math.Clamp(offset, 0, sectors);
        length = Math.Clamp(length, 0, (offset <= sector ? sector : sectors) - offset);
        return new MdMember(
            BinaryPrimitives.ReadInt32LittleEndian(block[72..]), BinaryPrimitives.ReadUInt32LittleEndian(block[92..]), offset * Sector, length * Sector,
            (BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) & Unsettled) == 0);
    }

    private static MdMember? TryReadVersion0(VolumeView volume)
    {
        Span<byte> block = stackalloc byte[ReadSize];
        var at = (volume.Length & -Reserved) - Reserved;
        if (at < 0 || !volume.TryRead(at, block))
        {
            return null;
        }

        // In the byte order of the machine that made it.
        var isLittle = BinaryPrimitives.ReadUInt32LittleEndian(block) == Magic;
        if (!isLittle && BinaryPrimitives.ReadUInt32BigEndian(block) != Magic)
        {
            return null;
        }

        return new MdMember((int)Word(block, 7), Word(block, 10), 0, at, IsSettled: Word(block, 2) < ReshapeMinor);

        uint Word(ReadOnlySpan<byte> words, int index) => isLittle
            ? BinaryPrimitives.ReadUInt32LittleEndian(words[(4 * index)..])
            : BinaryPrimitives.ReadUInt32BigEndian(words[(4 * index)..]);
    }

    /// <summary>0.91 is 0.90 while it is reshaped.</summary>
    private const uint ReshapeMinor = 91;
}
