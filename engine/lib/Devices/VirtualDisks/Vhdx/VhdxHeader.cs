using System.Buffers.Binary;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// One of the two headers of a VHDX ([MS-VHDX] 2.2.2): the one with the higher sequence number is current. All values
/// are little-endian.
/// </summary>
internal sealed record VhdxHeader
{
    /// <summary>Bytes of the structure and of what its checksum covers.</summary>
    public const int Size = 4096;

    public const long FirstOffset = 64 << 10;
    public const long SecondOffset = 128 << 10;

    private const int ChecksumOffset = 4;

    private static ReadOnlySpan<byte> Signature => "head"u8;

    public ulong SequenceNumber { get; init; }

    public Guid FileWriteGuid { get; init; }

    /// <summary>Changes whenever what a machine sees may change; what children name their parent by.</summary>
    public Guid DataWriteGuid { get; init; }

    /// <summary>Empty, or the id of the log entries that must be replayed before anything else is believed.</summary>
    public Guid LogGuid { get; init; }

    public ushort LogVersion { get; init; }

    public ushort Version { get; init; } = 1;

    public uint LogLength { get; init; }

    public ulong LogOffset { get; init; }

    /// <summary>Reads <see cref="Size"/> bytes. Null if they aren't sound, and <paramref name="problem"/> says why.</summary>
    public static VhdxHeader? Read(ReadOnlySpan<byte> source, out string problem)
    {
        source = source[..Size];
        problem =
            !source.StartsWith(Signature) ? "it has no signature"
            : BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Crc32C.OfStructure(source, ChecksumOffset)
                ? "its checksum is wrong"
            : "";
        return problem.Length > 0 ? null : new VhdxHeader
        {
            SequenceNumber = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            FileWriteGuid = new Guid(source.Slice(16, 16)),
            DataWriteGuid = new Guid(source.Slice(32, 16)),
            LogGuid = new Guid(source.Slice(48, 16)),
            LogVersion = BinaryPrimitives.ReadUInt16LittleEndian(source[64..]),
            Version = BinaryPrimitives.ReadUInt16LittleEndian(source[66..]),
            LogLength = BinaryPrimitives.ReadUInt32LittleEndian(source[68..]),
            LogOffset = BinaryPrimitives.ReadUInt64LittleEndian(source[72..]),
        };
    }

    /// <summary>Writes <see cref="Size"/> bytes with their checksum.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Signature.CopyTo(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], SequenceNumber);
        FileWriteGuid.TryWriteBytes(destination[16..]);
        DataWriteGuid.TryWriteBytes(destination[32..]);
        LogGuid.TryWriteBytes(destination[48..]);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[64..], LogVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[66..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[68..], LogLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[72..], LogOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(
            destination[ChecksumOffset..], Crc32C.OfStructure(destination, ChecksumOffset));
    }
}
