using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>An entry of a folder (Microsoft FAT specification, sections 6 and 7).</summary>
internal readonly ref struct FatEntry(ReadOnlySpan<byte> bytes)
{
    public const int Size = 32;

    private const byte Deleted = 0xE5;
    private const byte LabelAttribute = 0x08;
    private const byte FolderAttribute = 0x10;
    private const byte LongNameAttributes = 0x0F;
    private const byte AttributeMask = 0x3F;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Behind the last entry, for those who heed it.</summary>
    public bool IsEnd => bytes[0] == 0;

    public bool IsDeleted => bytes[0] == Deleted;

    public bool IsLongName => (bytes[11] & AttributeMask) == LongNameAttributes;

    public bool IsLabel => (bytes[11] & LabelAttribute) != 0;

    public bool IsFolder => (bytes[11] & FolderAttribute) != 0;

    /// <summary>The folder itself, or the one that it is in.</summary>
    public bool IsDots => bytes.StartsWith(".          "u8) || bytes.StartsWith("..         "u8);

    public uint Length => BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]);

    /// <summary>The first cluster; 0 for a file without content. Its upper half is something else before FAT32.</summary>
    public uint ClusterOf(string type) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) | (type == "fat32" ? (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]) << 16 : 0);
}
