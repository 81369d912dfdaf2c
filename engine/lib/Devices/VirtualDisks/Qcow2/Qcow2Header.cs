using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// The header of a qcow2 file of version 3 with its extensions and the name of the backing file, all in the first cluster
/// (qemu, docs/interop/qcow2.txt, "Header"). All values are big-endian.
/// </summary>
internal sealed record Qcow2Header
{
    /// <summary>Bytes of the structure without extensions, as written.</summary>
    public const int Size = 104;

    /// <summary>Clusters of 64 KiB: qemu's own default.</summary>
    public const int DefaultClusterBits = 16;

    /// <summary>512 bytes to 2 MiB, as qemu takes them.</summary>
    public const int MinClusterBits = 9;
    public const int MaxClusterBits = 21;

    /// <summary>Bytes of the backing file's name at most.</summary>
    public const int MaxBackingName = 1023;

    /// <summary>Bytes of the header's start that are read: extensions and name lie in them in every file of this writer.</summary>
    public const int ReadSize = 4096;

    /// <summary>The extension with the identity of what was exported: "TDMK". Readers skip kinds they don't know.</summary>
    public const uint OriginExtension = 0x54444D4B;

    private const uint BackingFormatExtension = 0xE2792ACA;
    private const uint DataFileExtension = 0x44415441;

    /// <summary>The bit of the incompatible features that says that guest data lie in another file.</summary>
    private const ulong DataFileFeature = 1 << 2;

    private const int ExtensionHeader = 8;

    /// <summary>Reference counts of 2^4 bits: the only width that version 2 had, and qemu's default.</summary>
    private const uint RefcountOrder = 4;

    private static ReadOnlySpan<byte> Magic => [(byte)'Q', (byte)'F', (byte)'I', 0xFB];

    public int ClusterBits { get; init; } = DefaultClusterBits;

    /// <summary>Bytes of the disk.</summary>
    public long DiskSize { get; init; }

    public uint L1Entries { get; init; }

    public long L1Offset { get; init; }

    public long RefcountTableOffset { get; init; }

    public uint RefcountTableClusters { get; init; }

    /// <summary>The backing file's name as the file states it; null where it has none.</summary>
    public string? BackingFile { get; init; }

    /// <summary>"raw", "qcow2"; null where the file doesn't state it.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>Whether the content lies in another file, which <see cref="DataFile"/> names.</summary>
    public bool HasDataFile { get; init; }

    /// <summary>The name of the file with the content as this file states it; null where it doesn't.</summary>
    public string? DataFile { get; init; }

    /// <summary>What the disk was exported from, which only Tidemark's own files state; null in others.</summary>
    public Guid? Origin { get; init; }

    /// <summary>Internal snapshots; what they hold isn't a part of the disk as it is.</summary>
    public uint Snapshots { get; init; }

    /// <summary>Whether the bytes begin as a qcow2 file of any version.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> source) => source.StartsWith(Magic);

    /// <summary>
    /// Reads the header from the file's first bytes, up to <see cref="ReadSize"/>. Versions 2 and 3 are taken. Null if it
    /// isn't sound, and <paramref name="problem"/> says why.
    /// </summary>
    public static Qcow2Header? Read(ReadOnlySpan<byte> source, out string problem)
    {
        problem = "it is too short";
        if (source.Length < Size)
        {
            return null;
        }

        var version = BinaryPrimitives.ReadUInt32BigEndian(source[4..]);
        var nameOffset = BinaryPrimitives.ReadUInt64BigEndian(source[8..]);
        var nameLength = BinaryPrimitives.ReadUInt32BigEndian(source[16..]);
        var clusterBits = BinaryPrimitives.ReadUInt32BigEndian(source[20..]);
        var size = BinaryPrimitives.ReadUInt64BigEndian(source[24..]);
        var headerLength = version == 2 ? 72 : BinaryPrimitives.ReadUInt32BigEndian(source[100..]);
        problem =
            !HasMagic(source) ? "it has no signature"
            : version is not (2 or 3) ? $"its version {version} isn't known"
            : clusterBits is < MinClusterBits or > MaxClusterBits ? $"its clusters of 2^{clusterBits} bytes aren't possible"
            : size > long.MaxValue ? $"its size of {size} bytes isn't possible"
            : headerLength < (version == 2 ? 72 : Size) || headerLength > (uint)source.Length ? "the length of its header isn't possible"
            : nameOffset > 0 && (nameLength > MaxBackingName || nameOffset > (ulong)source.Length || nameLength > (ulong)source.Length - nameOffset)
                ? "the name of its backing file lies outside its header"
            : nameOffset > 0 && source.Slice((int)nameOffset, (int)nameLength).Contains((byte)0) ? "the name of its backing file isn't one"
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var header = new Qcow2Header
        {
            ClusterBits = (int)clusterBits,
            DiskSize = (long)size,
            L1Entries = BinaryPrimitives.ReadUInt32BigEndian(source[36..]),
            L1Offset = BinaryPrimitives.ReadInt64BigEndian(source[40..]),
            RefcountTableOffset = BinaryPrimitives.ReadInt64BigEndian(source[48..]),
            RefcountTableClusters = BinaryPrimitives.ReadUInt32BigEndian(source[56..]),
            HasDataFile = version == 3 && (BinaryPrimitives.ReadUInt64BigEndian(source[72..]) & DataFileFeature) != 0,
            Snapshots = BinaryPrimitives.ReadUInt32BigEndian(source[60..]),
            BackingFile = nameOffset > 0 && nameLength > 0
                ? Encoding.UTF8.GetString(source.Slice((int)nameOffset, (int)nameLength))
                : null,
        };
        return header.WithExtensions(nameOffset > 0 ? source[..(int)nameOffset] : source, (int)headerLength);
    }

    /// <summary>Writes header, extensions and name into the first cluster; true if they fit.</summary>
    public bool TryWrite(Span<byte> cluster)
    {
        cluster.Clear();
        Magic.CopyTo(cluster);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[4..], 3);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[20..], (uint)ClusterBits);
        BinaryPrimitives.WriteInt64BigEndian(cluster[24..], DiskSize);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[36..], L1Entries);
        BinaryPrimitives.WriteInt64BigEndian(cluster[40..], L1Offset);
        BinaryPrimitives.WriteInt64BigEndian(cluster[48..], RefcountTableOffset);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[56..], RefcountTableClusters);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[96..], RefcountOrder);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[100..], Size);
        var at = Size;
        if (BackingFormat is { } format && !TryAdd(cluster, ref at, BackingFormatExtension, Encoding.UTF8.GetBytes(format)))
        {
            return false;
        }

        if (Origin is { } origin && !TryAdd(cluster, ref at, OriginExtension, origin.ToByteArray(bigEndian: true)))
        {
            return false;
        }

        // The end of the extensions is one of kind and length 0.
        at += ExtensionHeader;
        if (BackingFile is { } name)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            if (bytes.Length > MaxBackingName || at + bytes.Length > Math.Min(cluster.Length, ReadSize))
            {
                return false;
            }

            bytes.CopyTo(cluster[at..]);
            BinaryPrimitives.WriteInt64BigEndian(cluster[8..], at);
            BinaryPrimitives.WriteInt32BigEndian(cluster[16..], bytes.Length);
        }

        return at <= cluster.Length;
    }

    private static bool TryAdd(Span<byte> cluster, ref int at, uint kind, ReadOnlySpan<byte> bytes)
    {
        var end = at + ExtensionHeader + ((bytes.Length + 7) / 8 * 8);
        if (end > cluster.Length)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32BigEndian(cluster[at..], kind);
        BinaryPrimitives.WriteInt32BigEndian(cluster[(at + 4)..], bytes.Length);
        bytes.CopyTo(cluster[(at + ExtensionHeader)..]);
        at = end;
        return true;
    }

    /// <summary>Reads the extensions as far as they are whole; each is padded to 8 bytes.</summary>
    private Qcow2Header WithExtensions(ReadOnlySpan<byte> source, int at)
    {
        var header = this;
        while (at <= source.Length - ExtensionHeader)
        {
            var kind = BinaryPrimitives.ReadUInt32BigEndian(source[at..]);
            var length = BinaryPrimitives.ReadUInt32BigEndian(source[(at + 4)..]);
            at += ExtensionHeader;
            if (kind == 0 || length > (uint)(source.Length - at))
            {
                break;
            }

            var bytes = source.Slice(at, (int)length);
            header = kind switch
            {
                BackingFormatExtension => header with { BackingFormat = Encoding.UTF8.GetString(bytes) },
                DataFileExtension => header with { DataFile = Encoding.UTF8.GetString(bytes) },
                OriginExtension when length == 16 => header with { Origin = new Guid(bytes, bigEndian: true) },
                _ => header,
            };
            at += (int)((length + 7) / 8 * 8);
        }

        return header;
    }
}
