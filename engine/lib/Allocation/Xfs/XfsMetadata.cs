using System.Buffers.Binary;
using System.Globalization;
using Tidemark.Engine.Hashing;

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
    public static void CheckSum(XfsGeometry geometry, ReadOnlySpan<byte> structure, int checksumOffset, int idOffset, string what, uint group)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(structure[checksumOffset..]) != Crc32C.OfStructure(structure, checksumOffset))
        {
            throw Wrong(what, group, "its checksum is wrong");
        }

        if (new Guid(structure.Slice(idOffset, 16), bigEndian: true) != geometry.MetadataId)
        {
            throw Wrong(what, group, "it is of another file system");
        }
    }

    /// <summary>
    /// Metadata is written after its change is in the log. Some that is newer than the log was copied at another time than it.
    /// </summary>
    public static void CheckTime(ulong sequence, ulong logHead, string what, uint group)
    {
        if (sequence != NeverLogged && sequence > logHead)
        {
            throw Wrong(what, group, "it is newer than the log");
        }
    }

    /// <param name="what">The structure, as "free list (AGFL)".</param>
    /// <param name="group">Its allocation group.</param>
    /// <param name="problem">A sentence about it.</param>
    public static AllocationException Wrong(string what, uint group, string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the {what} of allocation group {group} can't be trusted: {problem}"));
}
