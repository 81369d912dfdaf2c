using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>An entry of the GPT entry array (UEFI specification 2.10, table 5.6). Addresses are in sectors.</summary>
internal readonly record struct GptEntry(Guid Type, Guid UniqueId, long FirstLba, long LastLba, string? Name)
{
    private const int Size = 128;

    /// <summary>Reads an entry; null where it is unused or makes no sense.</summary>
    public static GptEntry? TryRead(ReadOnlySpan<byte> entry)
    {
        if (entry.Length < Size)
        {
            return null;
        }

        var type = new Guid(entry[..16]);
        var first = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
        var last = BinaryPrimitives.ReadInt64LittleEndian(entry[40..]);
        return type == Guid.Empty || first <= 0 || last < first
            ? null
            : new GptEntry(type, new Guid(entry.Slice(16, 16)), first, last, DiskText.Utf16(entry.Slice(56, 72)));
    }

    /// <summary>First and last sector as they stand in an entry that has a type, whatever they are; null where it is unused.</summary>
    public static (long First, long Last)? RangeOf(ReadOnlySpan<byte> entry) => new Guid(entry[..16]) == Guid.Empty
        ? null
        : (BinaryPrimitives.ReadInt64LittleEndian(entry[32..]), BinaryPrimitives.ReadInt64LittleEndian(entry[40..]));

    /// <summary>Puts an entry's first and last sector in place of those that are there.</summary>
    public static void WriteRange(Span<byte> entry, long firstLba, long lastLba)
    {
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], firstLba);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], lastLba);
    }
}
