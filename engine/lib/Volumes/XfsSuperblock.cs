using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The superblock of XFS, big-endian (XFS Algorithms and Data Structures, chapter "Superblocks").</summary>
internal static class XfsSuperblock
{
    private const int Size = 512;

    /// <summary>A realtime section that lies on zones of the same device (Linux, fs/xfs/libxfs/xfs_format.h).</summary>
    private const uint IncompatZoned = 1 << 9;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> superblock = stackalloc byte[Size];
        return volume.TryRead(0, superblock) ? TryRead(superblock) : null;
    }

    public static VolumeContent? TryRead(ReadOnlySpan<byte> superblock)
    {
        if (superblock.Length < Size || !superblock.StartsWith("XFSB"u8))
        {
            return null;
        }

        var blockSize = BinaryPrimitives.ReadUInt32BigEndian(superblock[4..]);
        var sectorSize = BinaryPrimitives.ReadUInt16BigEndian(superblock[102..]);
        if (blockSize is < 512 or > 65536 || !uint.IsPow2(blockSize) || sectorSize < 512 || !uint.IsPow2(sectorSize))
        {
            return null;
        }

        var isZoned = (BinaryPrimitives.ReadUInt32BigEndian(superblock[216..]) & IncompatZoned) != 0;
        var hasRealtime = BinaryPrimitives.ReadUInt64BigEndian(superblock[16..]) != 0 && !isZoned;
        var hasLog = BinaryPrimitives.ReadUInt64BigEndian(superblock[48..]) != 0;
        return VolumeContent.Of("xfs", "xfs", DiskText.Uuid(superblock.Slice(32, 16)), DiskText.Utf8(superblock.Slice(108, 12))) with
        {
            Elsewhere = !hasLog ? "its log is on another device" : hasRealtime ? "its realtime section is on another device" : null,
        };
    }
}
