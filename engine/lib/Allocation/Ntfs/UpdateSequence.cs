using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The protection of records that span sectors (Linux-NTFS project's layout.h, NTFS_RECORD): the last two bytes of each stride are
/// kept in an array, and a number stands in their places, so that a record of which only a part was written shows.
/// </summary>
internal static class UpdateSequence
{
    /// <summary>Bytes that one number protects, whatever the disk's sector.</summary>
    public const int Stride = 512;

    /// <summary>Puts the bytes back in place; false where the record is torn or its array doesn't fit it.</summary>
    public static bool TryUndo(Span<byte> record)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        if (record.Length % Stride != 0 || count - 1 != record.Length / Stride || at + (count * 2) > Stride - 2)
        {
            return false;
        }

        var number = record.Slice(at, 2);
        for (var i = 1; i < count; i++)
        {
            if (!record.Slice((i * Stride) - 2, 2).SequenceEqual(number))
            {
                return false;
            }
        }

        for (var i = 1; i < count; i++)
        {
            record.Slice(at + (i * 2), 2).CopyTo(record[((i * Stride) - 2)..]);
        }

        return true;
    }
}
