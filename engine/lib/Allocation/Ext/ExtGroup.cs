using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ext;

/// <summary>A group's descriptor (Linux, Documentation/filesystems/ext4/group_descr.rst). Places are blocks.</summary>
/// <param name="FreeClusters">Clusters that its bitmap has as free.</param>
/// <param name="IsUninitialized">Whether its bitmap was never written: all is free but what the layout takes (BLOCK_UNINIT).</param>
/// <param name="BitmapChecksum">The block bitmap's, or its lower half.</param>
/// <param name="HasWholeChecksum">Whether it is the whole.</param>
internal readonly record struct ExtGroup(
    long Number, long BlockBitmap, long InodeBitmap, long InodeTable, uint FreeClusters, bool IsUninitialized, uint BitmapChecksum,
    bool HasWholeChecksum)
{
    /// <summary>Bytes of a descriptor at most.</summary>
    public const int MaxSize = 1024;

    private const int ChecksumAt = 0x1E;
    private const int LargeSize = 64;
    private const ushort BlockUninitialized = 2;

    /// <summary>Reads a descriptor, its checksum first.</summary>
    /// <exception cref="AllocationException">The checksum is wrong.</exception>
    public static ExtGroup Read(ReadOnlySpan<byte> descriptor, long number, ExtGeometry geometry)
    {
        var features = geometry.Features;
        if (features.HasGroupChecksums)
        {
            var expected = features.HasMetadataChecksums
                ? ExtChecksum.OfDescriptor(geometry.ChecksumSeed, (uint)number, descriptor, ChecksumAt)
                : ExtChecksum.OfOldDescriptor(geometry.Uuid, (uint)number, descriptor, ChecksumAt);
            if (expected != U16(descriptor, ChecksumAt))
            {
                throw new AllocationException($"the checksum of group {number} is wrong");
            }
        }

        var isLarge = descriptor.Length >= LargeSize;
        return new ExtGroup(
            number,
            U32(descriptor, 0x00) | (isLarge ? (long)U32(descriptor, 0x20) << 32 : 0),
            U32(descriptor, 0x04) | (isLarge ? (long)U32(descriptor, 0x24) << 32 : 0),
            U32(descriptor, 0x08) | (isLarge ? (long)U32(descriptor, 0x28) << 32 : 0),
            U16(descriptor, 0x0C) | (isLarge ? (uint)U16(descriptor, 0x2C) << 16 : 0),
            features.HasGroupChecksums && (U16(descriptor, 0x12) & BlockUninitialized) != 0,
            U16(descriptor, 0x18) | (isLarge ? (uint)U16(descriptor, 0x38) << 16 : 0),
            isLarge);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
