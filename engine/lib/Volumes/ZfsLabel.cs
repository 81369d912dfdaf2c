using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// The four labels of a ZFS device, two at each end (ZFS On-Disk Specification, section 1.2): found by an uberblock in the second
/// half of one, since a label that was cleared keeps none.
/// </summary>
internal static class ZfsLabel
{
    private const int Size = 256 << 10;
    private const int UberblocksAt = 128 << 10;
    private const int UberblockSize = 1024;
    private const ulong Magic = 0x00BAB10C;

    public static IEnumerable<DiskSignature> Find(VolumeView disk)
    {
        var end = disk.Length / Size * Size;
        var places = new[] { 0L, Size, end - (2 * Size), end - Size };
        var ring = new byte[Size - UberblocksAt];
        foreach (var at in places.Where(at => at >= 0).Distinct())
        {
            if (disk.TryRead(at + UberblocksAt, ring) && HasUberblock(ring))
            {
                yield return new DiskSignature("ZFS label", at, Size);
            }
        }
    }

    private static bool HasUberblock(ReadOnlySpan<byte> ring)
    {
        for (; ring.Length >= UberblockSize; ring = ring[UberblockSize..])
        {
            // In the byte order of the machine that wrote it.
            if (BinaryPrimitives.ReadUInt64LittleEndian(ring) == Magic || BinaryPrimitives.ReadUInt64BigEndian(ring) == Magic)
            {
                return true;
            }
        }

        return false;
    }
}
