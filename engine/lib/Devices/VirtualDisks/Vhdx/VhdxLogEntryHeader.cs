using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>The header of a log entry ([MS-VHDX] 2.3.1.1).</summary>
internal readonly record struct VhdxLogEntryHeader
{
    /// <summary>Bytes of the structure; descriptors follow at once.</summary>
    public const int Size = 64;

    public const int ChecksumOffset = 4;

    private static ReadOnlySpan<byte> Signature => "loge"u8;

    public uint Checksum { get; init; }

    /// <summary>Bytes of the entry with its descriptors and data, whole log sectors.</summary>
    public uint EntryLength { get; init; }

    /// <summary>Where in the log the sequence begins that must be replayed if this entry is the newest.</summary>
    public uint Tail { get; init; }

    public ulong SequenceNumber { get; init; }

    public uint DescriptorCount { get; init; }

    public Guid LogGuid { get; init; }

    /// <summary>The file had at least this length, durably, when the entry was written.</summary>
    public ulong FlushedFileOffset { get; init; }

    /// <summary>A file length that everything allocated fits into.</summary>
    public ulong LastFileOffset { get; init; }

    public static bool HasSignature(ReadOnlySpan<byte> source) => source.StartsWith(Signature);

    /// <summary>Reads the fields; the signature and the checksum are the caller's to check.</summary>
    public static VhdxLogEntryHeader Read(ReadOnlySpan<byte> source) => new()
    {
        Checksum = BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]),
        EntryLength = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        Tail = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
        SequenceNumber = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        DescriptorCount = BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
        LogGuid = new Guid(source.Slice(32, 16)),
        FlushedFileOffset = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
        LastFileOffset = BinaryPrimitives.ReadUInt64LittleEndian(source[56..]),
    };

    /// <summary>Writes the fields, the checksum as it is: it covers the whole entry.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        Signature.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumOffset..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], EntryLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Tail);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], SequenceNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], DescriptorCount);
        LogGuid.TryWriteBytes(destination[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[48..], FlushedFileOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], LastFileOffset);
    }
}
