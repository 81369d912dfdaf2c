using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// A data sector of a log entry ([MS-VHDX] 2.3.1.4): bytes 8 to 4091 of the data between a signature with the high
/// half of the sequence number and its low half.
/// </summary>
internal static class VhdxLogDataSector
{
    private const int LowOffset = VhdxLog.SectorSize - sizeof(uint);

    private static ReadOnlySpan<byte> Signature => "data"u8;

    public static bool IsValid(ReadOnlySpan<byte> sector, ulong sequenceNumber) =>
        sector.StartsWith(Signature)
        && BinaryPrimitives.ReadUInt32LittleEndian(sector[4..]) == (uint)(sequenceNumber >> 32)
        && BinaryPrimitives.ReadUInt32LittleEndian(sector[LowOffset..]) == (uint)sequenceNumber;

    /// <summary>Puts the bytes back that the descriptor keeps, so that the sector is the data.</summary>
    public static void Restore(Span<byte> sector, VhdxLogDescriptor descriptor)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(sector, descriptor.LeadingBytesOrZeroLength);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[LowOffset..], descriptor.TrailingBytes);
    }

    /// <summary>Makes a data sector of data, and its descriptor.</summary>
    public static VhdxLogDescriptor Write(
        Span<byte> destination, ReadOnlySpan<byte> data, ulong fileOffset, ulong sequenceNumber)
    {
        var descriptor = new VhdxLogDescriptor(
            true,
            BinaryPrimitives.ReadUInt32LittleEndian(data[LowOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(data),
            fileOffset,
            sequenceNumber);
        data[..VhdxLog.SectorSize].CopyTo(destination);
        Signature.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)(sequenceNumber >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(destination[LowOffset..], (uint)sequenceNumber);
        return descriptor;
    }
}
