using Tidemark.Engine.Devices;

namespace Tidemark.Harness.Volumes;

/// <summary>Bytes at hand as a device, with ranges that can't be read.</summary>
internal sealed class ArrayDevice(byte[] bytes, int sectorSize = 512, long badFrom = long.MaxValue, long badTo = long.MaxValue)
    : BlockDevice
{
    public override string Name => "bytes";

    public override DeviceGeometry Geometry { get; } = new(bytes.Length, sectorSize, sectorSize, 1, 1);

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        if (offset < badTo && offset + buffer.Length > badFrom)
        {
            throw new DeviceIoException(Name, offset, buffer.Length, "Read", 5, "Input/output error");
        }

        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }
}
