using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// A descriptor of a log entry ([MS-VHDX] 2.3.1.2 and 2.3.1.3): zeros for a range of the file, or one sector of data.
/// The data's first eight and last four bytes stand here, since a data sector has its signature in their place.
/// </summary>
/// <param name="IsData">Data, not zeros.</param>
/// <param name="TrailingBytes">The last four bytes of the data.</param>
/// <param name="LeadingBytesOrZeroLength">The first eight bytes of the data, or the number of zeros.</param>
/// <param name="FileOffset">Where it goes.</param>
/// <param name="SequenceNumber">That of the entry.</param>
internal readonly record struct VhdxLogDescriptor(
    bool IsData, uint TrailingBytes, ulong LeadingBytesOrZeroLength, ulong FileOffset, ulong SequenceNumber)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 32;

    private static ReadOnlySpan<byte> DataSignature => "desc"u8;

    private static ReadOnlySpan<byte> ZeroSignature => "zero"u8;

    /// <summary>Bytes of the file that it changes.</summary>
    public ulong Length => IsData ? VhdxLog.SectorSize : LeadingBytesOrZeroLength;

    /// <summary>Null if there is no signature.</summary>
    public static VhdxLogDescriptor? Read(ReadOnlySpan<byte> source) =>
        !source.StartsWith(DataSignature) && !source.StartsWith(ZeroSignature)
            ? null
            : new VhdxLogDescriptor(
                source.StartsWith(DataSignature),
                BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(source[24..]));

    public void Write(Span<byte> destination)
    {
        (IsData ? DataSignature : ZeroSignature).CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], TrailingBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], LeadingBytesOrZeroLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], FileOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], SequenceNumber);
    }
}
