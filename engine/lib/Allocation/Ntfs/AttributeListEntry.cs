using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// An entry of $ATTRIBUTE_LIST, which says in which record a part of an attribute is where a file has more than one record
/// (Linux-NTFS project's layout.h, ATTR_LIST_ENTRY).
/// </summary>
internal readonly ref struct AttributeListEntry
{
    /// <summary>The most that NTFS lets a list have.</summary>
    public const int MostListBytes = 256 << 10;

    private const int HeaderSize = 26;

    private readonly ReadOnlySpan<byte> bytes;

    private AttributeListEntry(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    public uint Type => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public int Length => bytes.Length;

    public ReadOnlySpan<char> Name => MemoryMarshal.Cast<byte, char>(bytes.Slice(bytes[7], bytes[6] * 2));

    public long LowestVcn => BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);

    public FileReference Record => new(BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));

    public int Instance => BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);

    /// <exception cref="AllocationException">There is no entry.</exception>
    public static AttributeListEntry Read(ReadOnlySpan<byte> rest)
    {
        var length = rest.Length < HeaderSize ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
        return length < HeaderSize || length > rest.Length || rest[7] + (rest[6] * 2) > length
            ? throw new AllocationException("the list of a file's attributes is damaged")
            : new AttributeListEntry(rest[..length]);
    }
}
