using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Where the superblocks of Linux's software arrays lie (Linux, include/uapi/linux/raid/md_p.h): 0.90 in the last 64 to
/// 128 KiB, 1.0 in the last 8 to 12, 1.1 at the start, 1.2 at 4 KiB.
/// </summary>
/// <param name="Version">As mdadm names it.</param>
/// <param name="Offset">In bytes of the member.</param>
/// <param name="IsLittleEndian">Version 0.90 is in the byte order of the machine that made it.</param>
internal readonly record struct MdSuperblock(string Version, long Offset, bool IsLittleEndian)
{
    /// <summary>Version 0.90, which has a layout of its own.</summary>
    public const string Oldest = "0.90";

    /// <summary>What version 0.90 keeps free at the end, and what it is aligned to.</summary>
    public const int Reserved = 64 << 10;

    private const uint Magic = 0xA92B4EFC;
    private const int Size = 4096;
    private const int Sector = 512;

    /// <summary>Bytes up to the place where version 1 says in which sector it stands.</summary>
    private const int SuperOffsetAt = 144;

    /// <summary>All that are there; those of version 1 first.</summary>
    public static IEnumerable<MdSuperblock> Locate(VolumeView disk)
    {
        foreach (var (version, at) in new[] { ("1.1", 0), ("1.2", 8 * Sector), ("1.0", (((disk.Length / Sector) - 16) & -8L) * Sector) })
        {
            if (IsVersion1(disk, at))
            {
                yield return new MdSuperblock(version, at, IsLittleEndian: true);
            }
        }

        if (disk.Length >= 2 * Reserved && Version0(disk, (disk.Length & -Reserved) - Reserved) is { } oldest)
        {
            yield return oldest;
        }
    }

    /// <summary>The same for who looks what a disk was used for.</summary>
    public static IEnumerable<DiskSignature> Find(VolumeView disk) =>
        Locate(disk).Select(found => new DiskSignature($"md {found.Version} superblock", found.Offset, Size));

    private static MdSuperblock? Version0(VolumeView disk, long at)
    {
        Span<byte> start = stackalloc byte[4];
        if (!disk.TryRead(at, start))
        {
            return null;
        }

        var isLittle = BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic;
        return isLittle || BinaryPrimitives.ReadUInt32BigEndian(start) == Magic ? new MdSuperblock(Oldest, at, isLittle) : null;
    }

    private static bool IsVersion1(VolumeView disk, long at)
    {
        Span<byte> start = stackalloc byte[SuperOffsetAt + 8];
        return at >= 0 && disk.TryRead(at, start)
            && BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic && BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) == 1
            && BinaryPrimitives.ReadInt64LittleEndian(start[SuperOffsetAt..]) == at / Sector;
    }
}
