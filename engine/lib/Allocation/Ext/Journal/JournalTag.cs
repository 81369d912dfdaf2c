using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ext.Journal;

/// <summary>A tag of a descriptor block: what the data block that belongs to it is a copy of.</summary>
/// <param name="Block">The block of the file system.</param>
/// <param name="IsEscaped">Whether it began with the journal's magic number, and has zeros instead here.</param>
/// <param name="Checksum">The data block's, or its lower half.</param>
internal readonly record struct JournalTag(long Block, bool IsEscaped, uint Checksum)
{
    private const int HeaderSize = 12;
    private const int UuidSize = 16;
    private const int TailSize = 4;

    private const ushort Escaped = 1;
    private const ushort SameUuid = 2;
    private const ushort Last = 8;

    /// <summary>Fills a list with the tags of a descriptor block.</summary>
    public static void ReadAll(ReadOnlySpan<byte> block, JournalSuperblock journal, List<JournalTag> tags)
    {
        tags.Clear();
        var end = block.Length - (journal.HasChecksums ? TailSize : 0);
        for (var at = HeaderSize; at + journal.TagSize <= end;)
        {
            var tag = block.Slice(at, journal.TagSize);
            // Those of the third kind have flags of 32 bits, of which the lower half stands where the others have theirs.
            var flags = BinaryPrimitives.ReadUInt16BigEndian(tag[6..]);
            var high = journal.Has64Bit ? (long)BinaryPrimitives.ReadUInt32BigEndian(tag[8..]) << 32 : 0;
            tags.Add(new JournalTag(
                BinaryPrimitives.ReadUInt32BigEndian(tag) | high, (flags & Escaped) != 0,
                journal.HasWideChecksums ? BinaryPrimitives.ReadUInt32BigEndian(tag[12..]) : BinaryPrimitives.ReadUInt16BigEndian(tag[4..])));
            at += journal.TagSize + ((flags & SameUuid) != 0 ? 0 : UuidSize);
            if ((flags & Last) != 0)
            {
                return;
            }
        }
    }
}
