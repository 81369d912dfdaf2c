using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// An entry of the metadata table ([MS-VHDX] 2.6.1.2). <paramref name="Offset"/> counts from the start of the metadata
/// region.
/// </summary>
internal readonly record struct VhdxMetadataEntry(
    Guid Id, uint Offset, uint Length, bool IsUser, bool IsVirtualDisk, bool IsRequired)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 32;

    /// <summary>Bytes of an item at most ([MS-VHDX] 2.6.1.2, Length).</summary>
    public const uint MaxItemLength = 1 << 20;

    public static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    public static readonly Guid VirtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    public static readonly Guid VirtualDiskId = new("BECA12AB-B2E6-4523-93EF-C309E000C746");
    public static readonly Guid LogicalSectorSize = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    public static readonly Guid PhysicalSectorSize = new("CDA348C7-445D-4471-9CC9-E9885251C556");
    public static readonly Guid ParentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    private const uint UserFlag = 1;
    private const uint VirtualDiskFlag = 2;
    private const uint RequiredFlag = 4;

    public bool IsKnown => !IsUser
        && (Id == FileParameters || Id == VirtualDiskSize || Id == VirtualDiskId || Id == LogicalSectorSize
            || Id == PhysicalSectorSize || Id == ParentLocator);

    public static VhdxMetadataEntry Read(ReadOnlySpan<byte> source)
    {
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(source[24..]);
        return new VhdxMetadataEntry(
            new Guid(source[..16]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
            (flags & UserFlag) != 0,
            (flags & VirtualDiskFlag) != 0,
            (flags & RequiredFlag) != 0);
    }

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        Id.TryWriteBytes(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], Length);
        var flags = (IsUser ? UserFlag : 0) | (IsVirtualDisk ? VirtualDiskFlag : 0) | (IsRequired ? RequiredFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], flags);
    }
}
