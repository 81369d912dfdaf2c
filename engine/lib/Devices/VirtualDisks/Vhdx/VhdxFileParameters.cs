using System.Buffers.Binary;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>The file parameters item ([MS-VHDX] 2.6.2.1).</summary>
/// <param name="BlockSize">Bytes of a payload block: a power of two from 1 MiB to 256 MiB.</param>
/// <param name="LeaveBlocksAllocated">True for a fixed disk.</param>
/// <param name="HasParent">True for a differencing disk.</param>
internal readonly record struct VhdxFileParameters(uint BlockSize, bool LeaveBlocksAllocated, bool HasParent)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 8;

    public const uint MinBlockSize = 1 << 20;
    public const uint MaxBlockSize = 256 << 20;

    public static VhdxFileParameters Read(ReadOnlySpan<byte> source)
    {
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        return new VhdxFileParameters(
            BinaryPrimitives.ReadUInt32LittleEndian(source), (flags & 1) != 0, (flags & 2) != 0);
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, BlockSize);
        BinaryPrimitives.WriteUInt32LittleEndian(
            destination[4..], (LeaveBlocksAllocated ? 1u : 0) | (HasParent ? 2u : 0));
    }
}
