using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Superblocks of Linux's software arrays (Linux, include/uapi/linux/raid/md_p.h): 0.90 in the last 64 to 128 KiB, 1.0 in the
/// last 8 to 12, 1.1 at the start, 1.2 at 4 KiB.
/// </summary>
internal static class MdSuperblock
{
    private const uint Magic = 0xA92B4EFC;
    private const int Reserved = 64 << 10;
    private const int Size = 4096;

    /// <summary>Bytes up to the place where version 1 says in which sector it stands.</summary>
    private const int SuperOffsetAt = 144;

    public static IEnumerable<DiskSignature> Find(VolumeView disk)
    {
        if (disk.Length >= 2 * Reserved)
        {
            var at = (disk.Length & -Reserved) - Reserved;
            if (IsVersion0(disk, at))
            {
                yield return new DiskSignature("md 0.90 superblock", at, Size);
            }
        }

        foreach (var (version, at) in new[] { ("1.0", ((disk.Length / 512) - 16 & -8L) * 512), ("1.1", 0), ("1.2", 4096) })
        {
            if (IsVersion1(disk, at))
            {
                yield return new DiskSignature($"md {version} superblock", at, Size);
            }
        }
    }

    private static bool IsVersion0(VolumeView disk, long at)
    {
        Span<byte> start = stackalloc byte[4];

        // In the byte order of the machine that made it.
        return disk.TryRead(at, start)
            && (BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic || BinaryPrimitives.ReadUInt32BigEndian(start) == Magic);
    }

    private static bool IsVersion1(VolumeView disk, long at)
    {
        Span<byte> start = stackalloc byte[SuperOffsetAt + 8];
        return disk.TryRead(at, start)
            && BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic && BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) == 1
            && BinaryPrimitives.ReadInt64LittleEndian(start[SuperOffsetAt..]) == at / 512;
    }
}
