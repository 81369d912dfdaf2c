using System.Diagnostics;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>Reads as zeros, swallows what is written: /dev/zero and /dev/null with a length.</summary>
internal sealed class NullDevice(long length) : BlockDevice
{
    public override string Name => "null device";

    public override DeviceGeometry Geometry { get; } = DeviceGeometry.OfBytes(length);

    public override bool CanWrite => true;

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        buffer.Clear();
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer) =>
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);

    public override void WriteZeros(long offset, long length) =>
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length);

    public override DeviceExtent ExtentAt(long offset) => new(offset, Length - offset, ExtentKind.Unallocated);

    public override IoQueue OpenQueue(IoQueueOptions options) => new PositionalIoQueue(this, options, "null");
}
