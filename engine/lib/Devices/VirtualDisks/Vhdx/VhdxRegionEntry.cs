using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>An entry of a region table ([MS-VHDX] 2.2.3.2): a part of the file with a purpose of its own.</summary>
internal readonly record struct VhdxRegionEntry(Guid Id, ulong Offset, uint Length, bool Required)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 32;

    /// <summary>The block allocation table.</summary>
    public static readonly Guid Bat = new("2DC27766-F623-4200-9D64-115E9BFD4A08");

    public static readonly Guid Metadata = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");

    public ulong End => Offset + Length;

    public static VhdxRegionEntry Read(ReadOnlySpan<byte> source) => new(
        new Guid(source[..16]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
        (BinaryPrimitives.ReadUInt32LittleEndian(source[28..]) & 1) != 0);

    public void Write(Span<byte> destination)
    {
        Id.TryWriteBytes(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], Required ? 1u : 0u);
    }
}
