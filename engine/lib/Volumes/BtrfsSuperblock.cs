using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using Tidemark.Engine.Hashing;
using Blake2b = NSec.Cryptography.HashAlgorithm;

namespace Tidemark.Engine.Volumes;

/// <summary>The primary superblock of btrfs (btrfs-dev-docs, "On-disk format", superblock).</summary>
internal static class BtrfsSuperblock
{
    /// <summary>Where it stands, in bytes; its copies are at 64 MiB and 256 GiB.</summary>
    public const int Offset = 0x10000;

    public const int Size = 4096;

    /// <summary>The checksum's bytes before what it is of, whatever its kind.</summary>
    public const int ChecksumSize = 32;

    private const int IdOffset = 0x20;
    private const int FlagsOffset = 0x38;
    private const int DevicesOffset = 0x88;
    private const int IncompatOffset = 0xBC;
    private const int ChecksumTypeOffset = 0xC4;
    private const int DeviceItemOffset = 0xC9;

    /// <summary>The id of the device's file system within its item, which all tree blocks carry.</summary>
    private const int DeviceIdOffset = DeviceItemOffset + 0x52;

    private const int MetadataIdOffset = 0x23B;

    /// <summary>Tree blocks carry another id than the file system (BTRFS_FEATURE_INCOMPAT_METADATA_UUID; Linux 5.0).</summary>
    private const ulong IncompatMetadataId = 1 << 10;

    /// <summary>The id was being changed (BTRFS_SUPER_FLAG_CHANGING_FSID_V2).</summary>
    private const ulong FlagChangingId = 1UL << 36;

    /// <summary>Other file systems may build on it (BTRFS_SUPER_FLAG_SEEDING), which the kernel refuses beside another id.</summary>
    private const ulong FlagSeeding = 1UL << 32;
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
        var devices = BinaryPrimitives.ReadUInt64LittleEndian(superblock[DevicesOffset..]);
        var content = VolumeContent.Of("btrfs", "btrfs", id, DiskText.Utf8(superblock.Slice(LabelOffset, LabelSize))) with
        {
            // Seeds are counted with the others.
            Elsewhere = devices > 1 ? string.Create(CultureInfo.InvariantCulture, $"it is one of the {devices} devices of a btrfs") : null,
        };

        // The devices of one file system share its id; all but the first say which of them they are.
        return content.Id is not null && deviceId != 1 ? content with { IdentityText = $"btrfs:{id}/{deviceId}" } : content;
    }

    /// <summary>
    /// Gives a copy of a file system an id of its own, as btrfstune -m does: the kernel knows devices by it, and would take
    /// the copy for a device of the original. A checksum that was wrong stays wrong.
    /// </summary>
    public static void Rename(Span<byte> superblock, Guid id)
    {
        var checksum = new byte[ChecksumSize];
        var type = BinaryPrimitives.ReadUInt16LittleEndian(superblock[ChecksumTypeOffset..]);
        var isSound = TryChecksum(type, superblock[ChecksumSize..], checksum, out var length) && superblock.StartsWith(checksum.AsSpan(0, length));
        superblock.Slice(DeviceIdOffset, 16).CopyTo(superblock[MetadataIdOffset..]);
        id.TryWriteBytes(superblock[IdOffset..], bigEndian: true, out _);
        Change(superblock[IncompatOffset..], set: IncompatMetadataId, clear: 0);
        Change(superblock[FlagsOffset..], set: 0, clear: FlagChangingId | FlagSeeding);
        if (isSound && TryChecksum(type, superblock[ChecksumSize..], checksum, out length))
        {
            checksum.AsSpan(0, length).CopyTo(superblock);
        }
    }

    /// <summary>The checksum of what stands behind one, a superblock's or a tree block's; false where its kind isn't known.</summary>
    /// <param name="type">The kind, as the superblock has it (btrfs-dev-docs, "csum_type").</param>
    /// <param name="content">What is behind the place of the checksum.</param>
    /// <param name="checksum">Room for <see cref="ChecksumSize"/> bytes.</param>
    /// <param name="length">Bytes that it has.</param>
    public static bool TryChecksum(ushort type, ReadOnlySpan<byte> content, Span<byte> checksum, out int length)
    {
        switch (type)
        {
            case 0:
                length = sizeof(uint);
                BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Finish(Crc32C.Append(Crc32C.Start, content)));
                return true;
            case 1:
                length = sizeof(ulong);
                BinaryPrimitives.WriteUInt64LittleEndian(checksum, XxHash64.HashToUInt64(content));
                return true;
            case 2:
                length = SHA256.HashData(content, checksum);
                return true;
            case 3:
                length = Blake2b.Blake2b_256.HashSize;
                Blake2b.Blake2b_256.Hash(content, checksum[..length]);
                return true;
            default:
                length = 0;
                return false;
        }
    }

    private static void Change(Span<byte> word, ulong set, ulong clear) =>
        BinaryPrimitives.WriteUInt64LittleEndian(word, (BinaryPrimitives.ReadUInt64LittleEndian(word) | set) & ~clear);
}
