using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The primary superblock of btrfs (btrfs-dev-docs, "On-disk format", superblock).</summary>
internal static class BtrfsSuperblock
{
    private const int Offset = 0x10000;
    private const int Size = 4096;
    private const int DeviceItemOffset = 0xC9;
    private const int LabelOffset = 0x12B;
    private const int LabelSize = 256;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> superblock = stackalloc byte[Size];
        return volume.TryRead(Offset, superblock) ? TryRead(superblock) : null;
    }

    public static VolumeContent? TryRead(ReadOnlySpan<byte> superblock)
    {
        if (superblock.Length < Size
            || !superblock[0x40..].StartsWith("_BHRfS_M"u8)
            || BinaryPrimitives.ReadInt64LittleEndian(superblock[0x30..]) != Offset)
        {
            return null;
        }

        var id = DiskText.Uuid(superblock.Slice(0x20, 16));
        var deviceId = BinaryPrimitives.ReadUInt64LittleEndian(superblock[DeviceItemOffset..]);
        var content = VolumeContent.Of("btrfs", "btrfs", id, DiskText.Utf8(superblock.Slice(LabelOffset, LabelSize)));

        // The devices of one file system share its id; all but the first say which of them they are.
        return content.Id is not null && deviceId != 1 ? content with { IdentityText = $"btrfs:{id}/{deviceId}" } : content;
    }
}
