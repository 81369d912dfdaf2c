using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The file record of NTFS's $Volume, which holds the label in its resident $VOLUME_NAME attribute.</summary>
internal static class NtfsVolumeRecord
{
    private const int RecordNumber = 3;
    private const uint VolumeNameType = 0x60;
    private const uint EndType = 0xFFFFFFFF;

    /// <summary>A label has at most 32 characters for Windows, 128 for the attribute.</summary>
    private const int MaxLabelBytes = 256;

    /// <summary>The stride of the update sequence, whatever the disk's sector.</summary>
    private const int FixupStride = 512;

    public static string? TryReadLabel(VolumeView volume, NtfsBootSector boot)
    {
        if (boot.MftCluster > volume.Length / boot.ClusterSize)
        {
            return null;
        }

        var record = new byte[boot.RecordSize];
        return volume.TryRead((boot.MftCluster * boot.ClusterSize) + ((long)RecordNumber * boot.RecordSize), record)
            ? TryRead(record)
            : null;
    }

    /// <summary>The label in a file record; null where there is none. Undoes the record's fixups in place.</summary>
    public static string? TryRead(Span<byte> record)
    {
        if (record.Length < FixupStride || !record.StartsWith("FILE"u8) || !TryUndoFixups(record))
        {
            return null;
        }

        int at = BinaryPrimitives.ReadUInt16LittleEndian(record[20..]);
        while (at <= record.Length - 24)
        {
            var type = BinaryPrimitives.ReadUInt32LittleEndian(record[at..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(record[(at + 4)..]);
            if (type == EndType || length < 24 || length > record.Length - at)
            {
                return null;
            }

            if (type == VolumeNameType)
            {
                var attribute = record.Slice(at, (int)length);
                var valueLength = BinaryPrimitives.ReadUInt32LittleEndian(attribute[16..]);
                int valueOffset = BinaryPrimitives.ReadUInt16LittleEndian(attribute[20..]);
                var resident = attribute[8] == 0;
                return !resident || valueLength > MaxLabelBytes || valueOffset + valueLength > attribute.Length
                    ? null
                    : DiskText.Utf16(attribute.Slice(valueOffset, (int)valueLength));
            }

            at += (int)length;
        }

        return null;
    }

    /// <summary>Puts back the last two bytes of each stride, which the update sequence replaced.</summary>
    private static bool TryUndoFixups(Span<byte> record)
    {
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        if (count - 1 != record.Length / FixupStride || offset + (count * 2) > FixupStride - 2)
        {
            return false;
        }

        var number = record.Slice(offset, 2);
        for (var i = 1; i < count; i++)
        {
            var tail = record.Slice((i * FixupStride) - 2, 2);
            if (!tail.SequenceEqual(number))
            {
                return false;
            }

            record.Slice(offset + (i * 2), 2).CopyTo(tail);
        }

        return true;
    }
}
