using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// The second structure of dynamic and differencing disks (specification 1.0, "Dynamic Disk Header Format"). All
/// values are big-endian.
/// </summary>
internal sealed record VhdDynamicHeader
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 1024;

    public const uint Version1 = 0x00010000;

    /// <summary>What tools use unless told otherwise: 2 MiB.</summary>
    public const uint DefaultBlockSize = 2 << 20;

    public const int LocatorCount = 8;

    /// <summary>UTF-16 characters of a parent's name, with a zero behind them.</summary>
    public const int MaxParentName = (NameSize / 2) - 1;

    private const int ChecksumOffset = 36;
    private const int NameOffset = 64;
    private const int NameSize = 512;
    private const int LocatorsOffset = 576;

    private static ReadOnlySpan<byte> Cookie => "cxsparse"u8;

    /// <summary>Where the block allocation table begins.</summary>
    public ulong TableOffset { get; init; }

    public uint HeaderVersion { get; init; } = Version1;

    /// <summary>Entries of the block allocation table.</summary>
    public uint MaxTableEntries { get; init; }

    /// <summary>Bytes of a block without its bitmap, a power of two.</summary>
    public uint BlockSize { get; init; } = DefaultBlockSize;

    public Guid ParentUniqueId { get; init; }

    public uint ParentTimeStamp { get; init; }

    /// <summary>The parent's file name, for people.</summary>
    public string ParentName { get; init; } = "";

    public IReadOnlyList<VhdParentLocator> ParentLocators { get; init; } = [];

    /// <summary>Reads <see cref="Size"/> bytes. Null if they aren't sound, and <paramref name="problem"/> says why.</summary>
    public static VhdDynamicHeader? Read(ReadOnlySpan<byte> source, out string problem)
    {
        source = source[..Size];
        var version = BinaryPrimitives.ReadUInt32BigEndian(source[24..]);
        var blockSize = BinaryPrimitives.ReadUInt32BigEndian(source[32..]);
        problem =
            !source.StartsWith(Cookie) ? "the dynamic header has no cookie"
            : !VhdChecksum.Matches(source, ChecksumOffset) ? "the checksum of the dynamic header is wrong"
            : version >> 16 != Version1 >> 16 ? $"dynamic header version {version >> 16}.{version & 0xFFFF} is not known"
            : !BitOperations.IsPow2(blockSize) || blockSize < VhdFooter.SectorSize
                ? $"the block size {blockSize} is not a power of two of at least one sector"
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var locators = new VhdParentLocator[LocatorCount];
        for (var i = 0; i < LocatorCount; i++)
        {
            locators[i] = VhdParentLocator.Read(source[(LocatorsOffset + (i * VhdParentLocator.Size))..]);
        }

        return new VhdDynamicHeader
        {
            TableOffset = BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            HeaderVersion = version,
            MaxTableEntries = BinaryPrimitives.ReadUInt32BigEndian(source[28..]),
            BlockSize = blockSize,
            ParentUniqueId = new Guid(source.Slice(40, 16), bigEndian: true),
            ParentTimeStamp = BinaryPrimitives.ReadUInt32BigEndian(source[56..]),
            ParentName = ReadParentName(source.Slice(NameOffset, NameSize)),
            ParentLocators = locators,
        };
    }

    /// <summary>Writes <see cref="Size"/> bytes with their checksum.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Cookie.CopyTo(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], ulong.MaxValue);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], TableOffset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], HeaderVersion);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], MaxTableEntries);
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], BlockSize);
        ParentUniqueId.TryWriteBytes(destination[40..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(destination[56..], ParentTimeStamp);
        Encoding.BigEndianUnicode.GetBytes(ParentName, destination.Slice(NameOffset, NameSize));
        for (var i = 0; i < ParentLocators.Count; i++)
        {
            ParentLocators[i].Write(destination[(LocatorsOffset + (i * VhdParentLocator.Size))..]);
        }

        VhdChecksum.Seal(destination, ChecksumOffset);
    }

    private static string ReadParentName(ReadOnlySpan<byte> source)
    {
        var name = Encoding.BigEndianUnicode.GetString(source);
        var end = name.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? name : name[..end];
    }
}
