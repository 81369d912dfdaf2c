using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// A member of a Linux software array, by its superblock (<see cref="MdSuperblock"/>; Linux,
/// include/uapi/linux/raid/md_p.h).
/// </summary>
/// <param name="Level">1 for mirrors; negative numbers are linear arrays, multipaths and the like.</param>
/// <param name="Disks">How many the array has.</param>
/// <param name="Offset">Where the array's data begins on the member, in bytes.</param>
/// <param name="Length">Bytes of data, none of which is the superblock's.</param>
/// <param name="IsSettled">Whether nothing moves between members: no reshape, no rebuild of this one.</param>
internal sealed record MdMember(int Level, uint Disks, long Offset, long Length, bool IsSettled)
{
    private const int Sector = 512;
    private const int ReadSize = 256;

    /// <summary>MD_FEATURE_RECOVERY_OFFSET and MD_FEATURE_RESHAPE_ACTIVE.</summary>
    private const uint Unsettled = 2 | 4;

    /// <summary>0.91 is 0.90 while it is reshaped.</summary>
    private const uint ReshapeMinor = 91;

    private const int Mirror = 1;

    /// <summary>Whether the member alone has all of the array's data.</summary>
    public bool IsCopy => Level == Mirror && IsSettled;

    public static MdMember? TryRead(VolumeView volume) =>
        MdSuperblock.Locate(volume).Select(found => TryRead(volume, found)).FirstOrDefault(member => member is not null);

    private static MdMember? TryRead(VolumeView volume, MdSuperblock found)
    {
        Span<byte> block = stackalloc byte[ReadSize];
        return !volume.TryRead(found.Offset, block) ? null
            : found.Version == MdSuperblock.Oldest ? OfVersion0(block, found)
            : OfVersion1(block, found.Offset / Sector, volume.Length / Sector);
    }

    private static MdMember OfVersion1(ReadOnlySpan<byte> block, long sector, long sectors)
    {
        // What is said beyond the member is cut, and what would hold the superblock ends before it.
        var offset = Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(block[128..]), 0, sectors);
        var length = Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(block[136..]), 0, (offset <= sector ? sector : sectors) - offset);
        return new MdMember(
            BinaryPrimitives.ReadInt32LittleEndian(block[72..]), BinaryPrimitives.ReadUInt32LittleEndian(block[92..]), offset * Sector, length * Sector,
            (BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) & Unsettled) == 0);
    }

    private static MdMember OfVersion0(ReadOnlySpan<byte> block, MdSuperblock found)
    {
        return new MdMember((int)Word(block, 7), Word(block, 10), 0, found.Offset, IsSettled: Word(block, 2) < ReshapeMinor);

        uint Word(ReadOnlySpan<byte> words, int index) => found.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(words[(4 * index)..])
            : BinaryPrimitives.ReadUInt32BigEndian(words[(4 * index)..]);
    }
}
