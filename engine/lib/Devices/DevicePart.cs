using System.Diagnostics;

namespace Tidemark.Engine.Devices;

/// <summary>A part of a device as a device of its own, such as a partition. The whole stays the caller's.</summary>
internal sealed class DevicePart : BlockDevice
{
    private readonly BlockDevice whole;
    private readonly long start;

    public DevicePart(BlockDevice whole, long start, long length)
    {
        Debug.Assert(start >= 0 && length >= 0 && length <= whole.Length - start);
        this.whole = whole;
        this.start = start;
        Geometry = whole.Geometry with { Length = length };
    }

    public override string Name => whole.Name;

    public override DeviceGeometry Geometry { get; }

    public override bool CanWrite => whole.CanWrite;

    public override void ReadAt(long offset, Span<byte> buffer) => whole.ReadAt(start + offset, buffer);

    public override void ReadAnew(long offset, Span<byte> buffer) => whole.ReadAnew(start + offset, buffer);

    public override string? WhyGone(int error) => whole.WhyGone(error);

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer) => whole.WriteAt(start + offset, buffer);

    public override void WriteZeros(long offset, long length) => whole.WriteZeros(start + offset, length);

    public override void Flush() => whole.Flush();

    public override DeviceExtent ExtentAt(long offset)
    {
        var extent = whole.ExtentAt(start + offset);
        return new DeviceExtent(offset, Math.Min(extent.Length, Length - offset), extent.Kind);
    }
}
