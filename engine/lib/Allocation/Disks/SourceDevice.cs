using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Allocation.Disks;

/// <summary>A source for those who look at devices: what a volume begins and ends with is found by one code, wherever it lies.</summary>
internal sealed class SourceDevice(AllocationSource source) : BlockDevice
{
    /// <summary>EIO of Linux.</summary>
    private const int ReadError = 5;

    public override string Name => "volume";

    public override DeviceGeometry Geometry { get; } = new(source.Length, source.SectorSize, source.SectorSize, 1, 1);

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        try
        {
            source.Read(offset, buffer);
        }
        catch (AllocationException e)
        {
            throw new DeviceIoException(Name, offset, buffer.Length, "Reading", ReadError, e.Message);
        }
    }
}
