using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>An attribute in a file record (Linux-NTFS project's layout.h, ATTR_RECORD). Sizes in bytes.</summary>
internal readonly ref struct NtfsAttribute
{
    public const uint AttributeList = 0x20;
    public const uint FileName = 0x30;
    public const uint VolumeInformation = 0x70;
    public const uint Data = 0x80;
    public const uint IndexRoot = 0x90;
    public const uint IndexAllocation = 0xA0;
    public const uint Bitmap = 0xB0;

    /// <summary>Stands behind the last attribute.</summary>
    private const uint End = 0xFFFFFFFF;

    private const int ResidentHeader = 24;
    private const int NonResidentHeader = 64;

    private readonly ReadOnlySpan<byte> bytes;

    private NtfsAttribute(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    public uint Type => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public int Length => bytes.Length;

    public bool IsResident => bytes[8] == 0;

    public ReadOnlySpan<char> Name => MemoryMarshal.Cast<byte, char>(bytes.Slice(BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]), bytes[9] * 2));

    /// <summary>Neither compressed, encrypted nor sparse.</summary>
    public bool IsPlain => BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]) == 0;

    public int Instance => BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]);

    /// <summary>The value of a resident one.</summary>
    public ReadOnlySpan<byte> Value => bytes.Slice(BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]));

    /// <summary>The first cluster of the content that this part of a non-resident one describes; the sizes are in the part with 0.</summary>
    public long LowestVcn => BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);

    public long HighestVcn => BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);

    public long DataSize => BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]);

    /// <summary>What lies behind reads as zeros, whatever its clusters hold.</summary>
    public long InitializedSize => BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]);

    public ReadOnlySpan<byte> MappingPairs => bytes[BinaryPrimitives.ReadUInt16LittleEndian(bytes[32..])..];

    /// <summary>Reads the attribute at the start of what is left of a record; false behind the last one.</summary>
    /// <exception cref="AllocationException">There is neither an attribute nor their end.</exception>
    public static bool TryRead(ReadOnlySpan<byte> rest, out NtfsAttribute attribute)
    {
        attribute = default;
        if (rest.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(rest) == End)
        {
            return false;
        }

        var length = rest.Length < ResidentHeader ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        if (length < ResidentHeader || length > rest.Length || length % 8 != 0)
        {
            throw Damaged();
        }

        attribute = new NtfsAttribute(rest[..(int)length]);
        if (!attribute.IsWellFormed())
        {
            throw Damaged();
        }

        return true;
    }

    private static AllocationException Damaged() => new("an attribute of its MFT is damaged");

    private bool IsWellFormed()
    {
        int name = BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]);
        if (name + (bytes[9] * 2) > bytes.Length)
        {
            return false;
        }

        if (IsResident)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
            return length <= bytes.Length && BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]) + length <= bytes.Length;
        }

        return bytes.Length >= NonResidentHeader && BinaryPrimitives.ReadUInt16LittleEndian(bytes[32..]) is var pairs && pairs <= bytes.Length
            && LowestVcn >= 0 && HighestVcn >= LowestVcn - 1 && HighestVcn < long.MaxValue
            && (LowestVcn > 0 || (DataSize >= 0 && InitializedSize >= 0 && InitializedSize <= DataSize));
    }
}
