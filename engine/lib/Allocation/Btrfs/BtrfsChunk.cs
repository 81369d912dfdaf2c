using System.Buffers.Binary;
using System.Numerics;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>
/// A range of logical addresses and where it lies on this device (btrfs-dev-docs, "chunk item"; Linux,
/// include/uapi/linux/btrfs_tree.h, struct btrfs_chunk; the profiles: fs/btrfs/volumes.c).
/// </summary>
internal sealed class BtrfsChunk
{
    /// <summary>Bytes that go to one device before the next (BTRFS_STRIPE_LEN); there is no other size.</summary>
    private const long StripeLength = 64 << 10;

    private const int HeaderSize = 48;
    private const int StripeSize = 32;

    /// <summary>Data, system, metadata.</summary>
    private const ulong TypeMask = 7;
    private const ulong Raid0 = 1 << 3;
    private const ulong Raid1 = 1 << 4;
    private const ulong Duplicate = 1 << 5;
    private const ulong Raid10 = 1 << 6;
    private const ulong Raid5 = 1 << 7;
    private const ulong Raid6 = 1 << 8;
    private const ulong Raid1Of3 = 1 << 9;
    private const ulong Raid1Of4 = 1 << 10;

    private BtrfsChunk(ulong logical, long length, ulong type, int columns, long deviceLength, BtrfsStripe[] here)
    {
        Logical = logical;
        Length = length;
        Type = type;
        Columns = columns;
        DeviceLength = deviceLength;
        Here = here;
    }

    public ulong Logical { get; }

    /// <summary>Bytes of the range.</summary>
    public long Length { get; }

    public ulong End => Logical + (ulong)Length;

    /// <summary>What it is for, and its profile, in the bits of the format.</summary>
    public ulong Type { get; }

    /// <summary>Its content is mixed with parity, and isn't looked into.</summary>
    public bool HasParity => (Type & (Raid5 | Raid6)) != 0;

    /// <summary>Bytes that it takes of each device for each copy.</summary>
    public long DeviceLength { get; }

    /// <summary>Its stripes on this device: two where everything is there twice.</summary>
    public IReadOnlyList<BtrfsStripe> Here { get; }

    /// <summary>Devices between which content alternates; 1 where each has all of it.</summary>
    private int Columns { get; }

    /// <param name="key">The item's key.</param>
    /// <param name="item">Its content.</param>
    /// <param name="geometry">The file system and the device that it is about.</param>
    /// <returns>The chunk, or null where it contradicts itself.</returns>
    public static BtrfsChunk? TryRead(BtrfsKey key, ReadOnlySpan<byte> item, BtrfsGeometry geometry)
    {
        if (item.Length < HeaderSize + StripeSize)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(item);
        var type = BinaryPrimitives.ReadUInt64LittleEndian(item[24..]);
        var stripes = BinaryPrimitives.ReadUInt16LittleEndian(item[44..]);
        if (key.Offset % geometry.SectorSize != 0 || key.Offset > long.MaxValue || length <= 0 || length % geometry.SectorSize != 0
            || length > long.MaxValue - (long)key.Offset || BinaryPrimitives.ReadInt64LittleEndian(item[16..]) != StripeLength
            || item.Length != HeaderSize + (stripes * StripeSize)
            || !TryProfile(type, stripes, BinaryPrimitives.ReadUInt16LittleEndian(item[46..]), out var columns))
        {
            return null;
        }

        // Where devices alternate, each has whole stripes.
        var deviceLength = length / columns;
        if (columns > 1 && (length % columns != 0 || deviceLength % StripeLength != 0))
        {
            return null;
        }

        var here = new List<BtrfsStripe>();
        for (var i = 0; i < stripes; i++)
        {
            var stripe = item[(HeaderSize + (i * StripeSize))..];
            var offset = BinaryPrimitives.ReadInt64LittleEndian(stripe[8..]);
            if (BinaryPrimitives.ReadUInt64LittleEndian(stripe) == geometry.DeviceId)
            {
                here.Add(new(offset, (type & Raid10) != 0 ? i / 2 : i % columns));
                if (offset < 0 || offset % geometry.SectorSize != 0 || offset > geometry.DeviceBytes - deviceLength)
                {
                    return null;
                }
            }
        }

        return here.Count <= ((type & Duplicate) != 0 ? 2 : 1) ? new(key.Offset, length, type, columns, deviceLength, [.. here]) : null;
    }

    /// <summary>
    /// How many bytes of a stripe come before a place in the chunk. It ascends with the place, so that a range of the chunk is a range of
    /// each stripe, which may be empty.
    /// </summary>
    public long Project(long offset, int column)
    {
        if (Columns == 1)
        {
            return offset;
        }

        var (stripe, within) = Math.DivRem(offset, StripeLength);
        var (row, at) = Math.DivRem(stripe, Columns);
        return (row * StripeLength) + (column < at ? StripeLength : column == at ? within : 0);
    }

    /// <summary>The place in the chunk that a byte of a stripe is from.</summary>
    public long Unproject(long offset, int column)
    {
        var (row, within) = Math.DivRem(offset, StripeLength);
        return Columns == 1 ? offset : (((row * Columns) + column) * StripeLength) + within;
    }

    public bool IsSame(BtrfsChunk other) =>
        Logical == other.Logical && Length == other.Length && Type == other.Type && Columns == other.Columns && Here.SequenceEqual(other.Here);

    private static bool TryProfile(ulong type, int stripes, int subStripes, out int columns)
    {
        columns = 1;
        var profile = type & ~TypeMask;
        if ((type & TypeMask) == 0 || BitOperations.PopCount(profile) > 1)
        {
            return false;
        }

        switch (profile)
        {
            case 0:
                return stripes == 1;
            case Duplicate or Raid1:
                return stripes == 2;
            case Raid1Of3:
                return stripes == 3;
            case Raid1Of4:
                return stripes == 4;
            case Raid0:
                columns = stripes;
                return stripes > 0;
            case Raid10:
                columns = stripes / 2;
                return stripes > 0 && subStripes == 2 && stripes % 2 == 0;
            case Raid5 or Raid6:
                columns = stripes - (profile == Raid5 ? 1 : 2);
                return columns > 0;
            default:
                return false;
        }
    }
}
