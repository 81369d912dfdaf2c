using System.Buffers.Binary;
using System.Globalization;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;

namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>The checks that all metadata of XFS version 5 has in common (XFS Algorithms and Data Structures, "Metadata Integrity").</summary>
internal static class XfsMetadata
{
    /// <summary>A log sequence number of what was never logged (NULLCOMMITLSN).</summary>
    private const ulong NeverLogged = ulong.MaxValue;

    public static uint Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    public static ulong Long(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64BigEndian(bytes[offset..]);

    /// <summary>Checksum and id.</summary>
    /// <param name="structure">All that the checksum is of.</param>
    public static void CheckSum(XfsGeometry geometry, ReadOnlySpan<byte> structure, int checksumOffset, int idOffset, string name)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(structure[checksumOffset..]) != Crc32C.OfStructure(structure, checksumOffset))
        {
            throw Wrong(name, "its checksum is wrong");
        }

        if (new Guid(structure.Slice(idOffset, 16), bigEndian: true) != geometry.MetadataId)
        {
            throw Wrong(name, "it is of another file system");
        }
    }

    /// <summary>
    /// Metadata is written after its change is in the log. Some that is newer than the log was copied at another time than it.
    /// </summary>
    public static void CheckTime(ulong sequence, ulong logHead, string name)
    {
        if (sequence != NeverLogged && sequence > logHead)
        {
            throw Wrong(name, "it is newer than the log");
        }
    }

    public static AllocationException Wrong(string name, string what) => new($"{name} can't be trusted: {what}");

    public static string Name(string what, uint group) => string.Create(CultureInfo.InvariantCulture, $"the {what} of allocation group {group}");
}
