using System.Buffers.Binary;
using Tidemark.Engine.Devices;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Inputs;

/// <summary>
/// A large file of zeros with pieces of content in it, so that a small input describes a disk. A read outside is a find.
/// As an input: length u32 | pieces of offset u32, length u16, bytes.
/// </summary>
internal sealed class SparseDevice(byte[] bytes, long length) : BlockDevice
{
    /// <summary>Pieces at most: every read looks at all of them.</summary>
    private const int MaxPieces = 256;

    private readonly List<(long Offset, int Start, int Count)> pieces = [];
    private readonly List<(long Offset, byte[] Bytes)> overlays = [];

    public override string Name => "sparse.vhdx";

    public override DeviceGeometry Geometry { get; } = DeviceGeometry.OfBytes(length);

    public static SparseDevice Parse(ReadOnlySpan<byte> input)
    {
        var device = new SparseDevice(input.ToArray(), input.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(input));
        for (var at = 4; at + 6 < input.Length && device.pieces.Count < MaxPieces;)
        {
            var count = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(input[(at + 4)..]), input.Length - at - 6);
            device.pieces.Add((BinaryPrimitives.ReadUInt32LittleEndian(input[at..]), at + 6, count));
            at += 6 + count;
        }

        return device;
    }

    /// <summary>A device with one piece of content, which reaches its end.</summary>
    public static SparseDevice At(long offset, ReadOnlySpan<byte> content)
    {
        var device = new SparseDevice(content.ToArray(), offset + content.Length);
        device.pieces.Add((offset, 0, content.Length));
        return device;
    }

    /// <summary>Another device on the same bytes.</summary>
    public SparseDevice Again()
    {
        var again = new SparseDevice(bytes, Length);
        again.pieces.AddRange(pieces);
        again.overlays.AddRange(overlays);
        return again;
    }

    /// <summary>Puts bytes over what is there; outside the file they are lost.</summary>
    public void Overlay(long offset, ReadOnlySpan<byte> content) => overlays.Add((offset, content.ToArray()));

    /// <summary>False where the range isn't wholly inside.</summary>
    public bool TryRead(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length)
        {
            return false;
        }

        ReadAt(offset, buffer);
        return true;
    }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        FindException.Unless(offset >= 0 && offset <= Length - buffer.Length, $"Bytes {offset} to {offset + buffer.Length} of {Length} were read.");
        buffer.Clear();
        foreach (var (at, start, count) in pieces)
        {
            Lay(at, bytes.AsSpan(start, count), offset, buffer);
        }

        foreach (var (at, content) in overlays)
        {
            Lay(at, content, offset, buffer);
        }
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        FindException.Unless(offset >= 0 && offset < Length, $"What lies at {offset} of {Length} was asked for.");
        return base.ExtentAt(offset);
    }

    private static void Lay(long at, ReadOnlySpan<byte> content, long offset, Span<byte> buffer)
    {
        var from = Math.Max(at, offset);
        var to = Math.Min(at + content.Length, offset + buffer.Length);
        if (from < to)
        {
            content.Slice((int)(from - at), (int)(to - from)).CopyTo(buffer[(int)(from - offset)..]);
        }
    }
}
