using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// The footer of every VHD, in the last sector of the file and, for dynamic and differencing disks, as a copy in the
/// first (Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format"). All values are big-endian.
/// </summary>
internal sealed record VhdFooter
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 512;

    /// <summary>Bytes of the footer that Virtual PC wrote before 2004; the last byte is reserved.</summary>
    public const int OldSize = 511;

    /// <summary>The only sector size of the format.</summary>
    public const int SectorSize = 512;

    /// <summary>The data offset of a fixed disk: there is no further structure.</summary>
    public const ulong NoDataOffset = ulong.MaxValue;

    /// <summary>Version 1.0 of the file format; the low half is the minor version.</summary>
    public const uint Version1 = 0x00010000;

    /// <summary>
    /// Largest size taken, in bytes: 64 TiB. The specification ends at 2040 GiB; files beyond it exist for fixed disks.
    /// </summary>
    public const long MaxDiskSize = 64L << 40;

    /// <summary>The bit of Features that is always set.</summary>
    public const uint ReservedFeature = 2;

    private const int ChecksumOffset = 64;

    private static ReadOnlySpan<byte> Cookie => "conectix"u8;

    public uint Features { get; init; } = ReservedFeature;

    public uint FileFormatVersion { get; init; } = Version1;

    /// <summary>Offset of the dynamic header, or <see cref="NoDataOffset"/>.</summary>
    public ulong DataOffset { get; init; } = NoDataOffset;

    /// <summary>Seconds since 2000-01-01 00:00 UTC.</summary>
    public uint TimeStamp { get; init; }

    /// <summary>Four characters that tell who made the file, and so how its size is meant.</summary>
    public string CreatorApplication { get; init; } = "win ";

    public uint CreatorVersion { get; init; } = 0x000A0000;

    public string CreatorHostOs { get; init; } = "Wi2k";

    /// <summary>Size in bytes when the disk was made.</summary>
    public ulong OriginalSize { get; init; }

    /// <summary>Size in bytes now.</summary>
    public ulong CurrentSize { get; init; }

    public VhdGeometry Geometry { get; init; }

    public VhdDiskType Type { get; init; }

    /// <summary>What a differencing child names as its parent.</summary>
    public Guid UniqueId { get; init; }

    /// <summary>The disk belongs to a suspended machine.</summary>
    public bool SavedState { get; init; }

    /// <summary>True if the bytes claim to be a footer; whether it is sound is another question.</summary>
    public static bool HasCookie(ReadOnlySpan<byte> source) => source.StartsWith(Cookie);

    /// <summary>
    /// Reads a footer of <see cref="Size"/> bytes. Null if it isn't sound, and <paramref name="problem"/> says why.
    /// </summary>
    public static VhdFooter? Read(ReadOnlySpan<byte> source, out string problem)
    {
        source = source[..Size];
        var version = BinaryPrimitives.ReadUInt32BigEndian(source[12..]);
        var type = (VhdDiskType)BinaryPrimitives.ReadUInt32BigEndian(source[60..]);
        problem =
            !HasCookie(source) ? "the footer has no cookie"
            : !VhdChecksum.Matches(source, ChecksumOffset) ? "the checksum of the footer is wrong"
            : version >> 16 != Version1 >> 16 ? $"format version {version >> 16}.{version & 0xFFFF} is not known"
            : !Enum.IsDefined(type) ? $"disk type {(uint)type} is not known"
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        return new VhdFooter
        {
            Features = BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            FileFormatVersion = version,
            DataOffset = BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            TimeStamp = BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            CreatorApplication = Encoding.Latin1.GetString(source.Slice(28, 4)),
            CreatorVersion = BinaryPrimitives.ReadUInt32BigEndian(source[32..]),
            CreatorHostOs = Encoding.Latin1.GetString(source.Slice(36, 4)),
            OriginalSize = BinaryPrimitives.ReadUInt64BigEndian(source[40..]),
            CurrentSize = BinaryPrimitives.ReadUInt64BigEndian(source[48..]),
            Geometry = new VhdGeometry(BinaryPrimitives.ReadUInt16BigEndian(source[56..]), source[58], source[59]),
            Type = type,
            UniqueId = new Guid(source.Slice(68, 16), bigEndian: true),
            SavedState = source[84] != 0,
        };
    }

    /// <summary>Writes <see cref="Size"/> bytes with their checksum.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Cookie.CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Features);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], FileFormatVersion);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], DataOffset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], TimeStamp);
        Encoding.Latin1.GetBytes(CreatorApplication, destination.Slice(28, 4));
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], CreatorVersion);
        Encoding.Latin1.GetBytes(CreatorHostOs, destination.Slice(36, 4));
        BinaryPrimitives.WriteUInt64BigEndian(destination[40..], OriginalSize);
        BinaryPrimitives.WriteUInt64BigEndian(destination[48..], CurrentSize);
        BinaryPrimitives.WriteUInt16BigEndian(destination[56..], Geometry.Cylinders);
        destination[58] = Geometry.Heads;
        destination[59] = Geometry.SectorsPerTrack;
        BinaryPrimitives.WriteUInt32BigEndian(destination[60..], (uint)Type);
        UniqueId.TryWriteBytes(destination[68..], bigEndian: true, out _);
        destination[84] = SavedState ? (byte)1 : (byte)0;
        VhdChecksum.Seal(destination, ChecksumOffset);
    }
}
