namespace Tidemark.Engine.Devices;

/// <summary>Size and sector sizes of a device, in bytes.</summary>
/// <param name="Length">Size in bytes; need not be a multiple of anything for a file.</param>
/// <param name="LogicalSectorSize">The smallest unit the device addresses (512 to 4096 as a rule).</param>
/// <param name="PhysicalSectorSize">The smallest unit the device writes without reading first.</param>
/// <param name="MemoryAlignment">What an I/O buffer's address must be a multiple of.</param>
/// <param name="OffsetAlignment">What offset and length of a direct transfer must be multiples of.</param>
internal readonly record struct DeviceGeometry(
    long Length, int LogicalSectorSize, int PhysicalSectorSize, int MemoryAlignment, int OffsetAlignment)
{
    /// <summary>The sector of everything that has none of its own (files, memory).</summary>
    public const int DefaultSectorSize = 512;

    public static DeviceGeometry OfBytes(long length) =>
        new(length, DefaultSectorSize, DefaultSectorSize, 1, 1);
}
