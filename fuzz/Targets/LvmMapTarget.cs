using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Lvm;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// The map of an LVM2 physical volume with its checksums right. As an input: the sector of the label, the header of the metadata area,
/// and then the description of the volume group.
/// </summary>
internal static class LvmMapTarget
{
    internal const int Sector = 512;
    internal const int HeaderAt = 4096;
    internal const int TextAt = HeaderAt + Sector;
    internal const int Length = 1 << 19;

    private const int LocationAt = 40;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var volume = new byte[Length];
        var label = volume.AsSpan(Sector, Sector);
        var header = volume.AsSpan(HeaderAt, Sector);
        Part(input, 0, Sector).CopyTo(label);
        Part(input, Sector, Sector).CopyTo(header);
        var text = Part(input, 2 * Sector, Length - TextAt);
        text.CopyTo(volume.AsSpan(TextAt));
        BinaryPrimitives.WriteUInt32LittleEndian(label[16..], LvmChecksum.Of(label[20..]));
        BinaryPrimitives.WriteInt64LittleEndian(header[(LocationAt + 8)..], text.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(LocationAt + 16)..], LvmChecksum.Of(text));
        BinaryPrimitives.WriteUInt32LittleEndian(header, LvmChecksum.Of(header[4..]));
        var source = new MapSource(SparseDevice.At(0, volume), _ => { });
        MapSource.Walk(() => LvmMap.TryOpen(source, depth: 0));
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> input, int start, int count) =>
        start >= input.Length ? [] : input.Slice(start, Math.Min(count, input.Length - start));
}
