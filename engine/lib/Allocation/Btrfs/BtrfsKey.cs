using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>What items of a tree are sorted by (Linux, include/uapi/linux/btrfs_tree.h, struct btrfs_disk_key).</summary>
internal readonly record struct BtrfsKey(ulong Id, byte Type, ulong Offset)
{
    public const int Size = 17;

    public const byte RootItem = 132;
    public const byte ExtentItem = 168;
    public const byte MetadataItem = 169;

    /// <summary>References of an extent from there on, up to <see cref="BlockGroupItem"/>.</summary>
    public const byte FirstReference = 172;
    public const byte LastReference = 184;

    /// <summary>A reference in the format before 2.6.31 (BTRFS_EXTENT_REF_V0_KEY).</summary>
    public const byte OldReference = 180;
    public const byte BlockGroupItem = 192;
    public const byte DeviceExtent = 204;
    public const byte DeviceItem = 216;
    public const byte ChunkItem = 228;
    public const byte DeviceReplacement = 250;

    public static BtrfsKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), bytes[8], BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]));

    public static bool operator <(BtrfsKey left, BtrfsKey right) => left.CompareTo(right) < 0;

    public static bool operator >(BtrfsKey left, BtrfsKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(BtrfsKey left, BtrfsKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(BtrfsKey left, BtrfsKey right) => left.CompareTo(right) >= 0;

    private int CompareTo(BtrfsKey other) =>
        Id != other.Id ? Id.CompareTo(other.Id) : Type != other.Type ? Type.CompareTo(other.Type) : Offset.CompareTo(other.Offset);
}
