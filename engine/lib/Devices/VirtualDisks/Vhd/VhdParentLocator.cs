using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// One of the eight entries of a dynamic header that say where the parent is (specification 1.0, "Parent Locator
/// Entries"). The name itself lies elsewhere in the file.
/// </summary>
internal readonly record struct VhdParentLocator(
    uint PlatformCode, uint DataSpace, uint DataLength, ulong DataOffset)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 24;

    /// <summary>A path relative to the child, UTF-16 little-endian.</summary>
    public const uint RelativeWindowsPath = 0x57327275; // "W2ru"

    /// <summary>An absolute path, UTF-16 little-endian.</summary>
    public const uint AbsoluteWindowsPath = 0x57326B75; // "W2ku"

    /// <summary>A file URL, UTF-8.</summary>
    public const uint FileUrl = 0x4D616358; // "MacX"

    /// <summary>Bytes of a name at most: the longest path of Windows (32,767 characters).</summary>
    public const int MaxDataLength = 65536;

    private const string UrlPrefix = "file://localhost";

    public static VhdParentLocator Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32BigEndian(source),
        BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[16..]));

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(destination, PlatformCode);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], DataSpace);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], DataLength);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], DataOffset);
    }

    /// <summary>The name that the entry points to; null if it has none, or none that lies in the file.</summary>
    public string? ReadName(BlockDevice file)
    {
        if (PlatformCode is not (RelativeWindowsPath or AbsoluteWindowsPath or FileUrl)
            || DataLength is 0 or > MaxDataLength
            || DataOffset > (ulong)file.Length
            || DataLength > (ulong)file.Length - DataOffset)
        {
            return null;
        }

        var data = new byte[DataLength];
        file.ReadAt((long)DataOffset, data);
        var name = (PlatformCode == FileUrl ? Encoding.UTF8 : Encoding.Unicode).GetString(data).TrimEnd('\0');
        if (PlatformCode == FileUrl)
        {
            return name.StartsWith(UrlPrefix, StringComparison.Ordinal)
                ? Uri.UnescapeDataString(name[UrlPrefix.Length..])
                : null;
        }

        return name;
    }
}
