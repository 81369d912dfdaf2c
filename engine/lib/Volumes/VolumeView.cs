using System.Diagnostics;
using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// A range of a device in which a volume may lie, read without exceptions: what lies outside, and what the device
/// can't read, is simply not there. Offsets are in bytes from the view's start.
/// </summary>
internal readonly struct VolumeView
{
    private readonly BlockDevice device;

    public VolumeView(BlockDevice device)
        : this(device, 0, device.Length)
    {
    }

    public VolumeView(BlockDevice device, long offset, long length)
    {
        Debug.Assert(offset >= 0 && length >= 0 && offset <= device.Length - length);
        this.device = device;
        Offset = offset;
        Length = length;
    }

    /// <summary>Where the view begins on its device.</summary>
    public long Offset { get; }

    public long Length { get; }

    /// <summary>The device's logical sector.</summary>
    public int SectorSize => device.Geometry.LogicalSectorSize;

    /// <summary>Fills the buffer; false where the range isn't wholly inside or can't be read.</summary>
    public bool TryRead(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length)
        {
            return false;
        }

        try
        {
            device.ReadAt(Offset + offset, buffer);
            return true;
        }
        catch (DeviceIoException)
        {
            return false;
        }
    }

    /// <summary>The part of the view that a partition claims, cut at the view's end; null where it begins outside.</summary>
    public VolumeView? Slice(long offset, long length) =>
        offset < 0 || length <= 0 || offset >= Length
            ? null
            : new VolumeView(device, Offset + offset, Math.Min(length, Length - offset));
}
