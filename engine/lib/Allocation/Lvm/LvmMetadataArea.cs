using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>
/// A metadata area of a physical volume (LVM2, lib/format_text/layout.h, mda_header): a header of one sector and a ring, in which the
/// description of the volume group lies as text.
/// </summary>
internal static class LvmMetadataArea
{
    private const int HeaderSize = 512;
    private const int MagicAt = 4;
    private const int VersionAt = 20;
    private const int StartAt = 24;
    private const int SizeAt = 32;
    private const int LocationsAt = 40;
    private const int LocationSize = 24;
    private const uint Ignored = 1;

    /// <summary>Bytes of a description at most: a group of ten thousand volumes has about eight million.</summary>
    private const long MaxText = 8 << 20;

    /// <summary>Reads the description; null where the area is set aside, or has none yet.</summary>
    /// <exception cref="AllocationException">A checksum is wrong, or a change is under way.</exception>
    public static string? TryRead(AllocationSource volume, long offset, long size)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        volume.Read(offset, header);
        if (!header[MagicAt..].StartsWith(" LVM2 x[5A%r0N*>"u8) || BinaryPrimitives.ReadUInt32LittleEndian(header) != LvmChecksum.Of(header[4..])
            || BinaryPrimitives.ReadUInt32LittleEndian(header[VersionAt..]) != 1
            || BinaryPrimitives.ReadInt64LittleEndian(header[StartAt..]) != offset
            || BinaryPrimitives.ReadInt64LittleEndian(header[SizeAt..]) != size || size <= HeaderSize || size > volume.Length - offset)
        {
            throw new AllocationException("its LVM metadata area contradicts itself");
        }

        var location = header.Slice(LocationsAt, LocationSize);
        var at = BinaryPrimitives.ReadInt64LittleEndian(location);
        if (at == 0 || (BinaryPrimitives.ReadUInt32LittleEndian(location[20..]) & Ignored) != 0)
        {
            return null;
        }

        if (BinaryPrimitives.ReadInt64LittleEndian(header[(LocationsAt + LocationSize)..]) != 0)
        {
            throw new AllocationException("its LVM metadata is in the midst of a change");
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(location[8..]);
        if (length <= 0 || length > MaxText || length > size - HeaderSize || at < HeaderSize || at >= size)
        {
            throw new AllocationException("its LVM metadata area contradicts itself");
        }

        // The ring goes on behind the header.
        var text = new byte[length];
        var first = (int)Math.Min(length, size - at);
        volume.Read(offset + at, text.AsSpan(0, first));
        volume.Read(offset + HeaderSize, text.AsSpan(first));
        return BinaryPrimitives.ReadUInt32LittleEndian(location[16..]) == LvmChecksum.Of(text)
            ? Encoding.UTF8.GetString(text)
            : throw new AllocationException("the checksum of its LVM metadata is wrong");
    }
}
