using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>Length and sector sizes of an open device, by the first way that it answers to.</summary>
internal static unsafe class DeviceSize
{
    /// <summary>Any larger, and a device lies: more than its queues and buffers are aligned to.</summary>
    public const int MaxSector = IoQueueOptions.MaxAlignment;

    /// <summary>No disk is as large; the search for a readable end stops there.</summary>
    private const long MaxLength = 1L << 60;

    public static (int Logical, int Physical) Sectors(SafeFileHandle device)
    {
        var query = new STORAGE_PROPERTY_QUERY
        {
            PropertyId = STORAGE_PROPERTY_ID.StorageAccessAlignmentProperty,
            QueryType = STORAGE_QUERY_TYPE.PropertyStandardQuery,
        };
        STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR answer = default;
        if (OperatingSystem.IsWindowsVersionAtLeast(10)
            && WindowsFileCalls.Control(
                device, IOCTL.IOCTL_STORAGE_QUERY_PROPERTY, &query, sizeof(STORAGE_PROPERTY_QUERY), &answer, sizeof(STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR), out _) == 0
            && IsSector(answer.BytesPerLogicalSector))
        {
            var physical = answer.BytesPerPhysicalSector;
            return ((int)answer.BytesPerLogicalSector, (int)(IsSector(physical, 1 << 20) ? Math.Max(physical, answer.BytesPerLogicalSector) : answer.BytesPerLogicalSector));
        }

        if (WindowsFileCalls.Query(device, IOCTL.IOCTL_DISK_GET_DRIVE_GEOMETRY, out DISK_GEOMETRY shape) == 0
            && IsSector(shape.BytesPerSector))
        {
            return ((int)shape.BytesPerSector, (int)shape.BytesPerSector);
        }

        return (DeviceGeometry.DefaultSectorSize, DeviceGeometry.DefaultSectorSize);
    }

    /// <summary>The length in bytes; 0 where nothing can be read and nobody knows.</summary>
    public static long Length(SafeFileHandle device, int sector)
    {
        if (WindowsFileCalls.Query(device, IOCTL.IOCTL_DISK_GET_LENGTH_INFO, out GET_LENGTH_INFORMATION info) == 0
            && info.Length.QuadPart > 0)
        {
            return info.Length.QuadPart;
        }

        if (WindowsFileCalls.Query(device, IOCTL.IOCTL_DISK_GET_DRIVE_GEOMETRY_EX, out DISK_GEOMETRY_EX shape) == 0
            && shape.DiskSize.QuadPart > 0)
        {
            return shape.DiskSize.QuadPart;
        }

        // An image file behind a drive letter (Wine) has a length as files do.
        if (WindowsFileCalls.Length(device, out var length) == 0 && length > 0)
        {
            return length;
        }

        using var memory = new AlignedMemory((nuint)sector);
        return ReadableEnd(sector, offset => IsInside(device, memory, sector, offset));
    }

    /// <summary>
    /// The end of what can be read, found by doubling and halving: the last resort for a device that tells no length.
    /// </summary>
    /// <param name="sector">The step, in bytes.</param>
    /// <param name="isInside">Whether the sector at an offset belongs to the device.</param>
    internal static long ReadableEnd(int sector, Func<long, bool> isInside)
    {
        if (!isInside(0))
        {
            return 0;
        }

        // Sector numbers: one that is known to be inside, and one that is known to lie beyond.
        long inside = 0, beyond = 1;
        while (beyond * sector < MaxLength && isInside(beyond * sector))
        {
            inside = beyond;
            beyond *= 2;
        }

        while (beyond - inside > 1)
        {
            var middle = inside + ((beyond - inside) / 2);
            if (isInside(middle * sector))
            {
                inside = middle;
            }
            else
            {
                beyond = middle;
            }
        }

        return beyond * sector;
    }

    // A sector that is there and can't be read says so with another error than one that isn't there.
    private static bool IsInside(SafeFileHandle device, AlignedMemory memory, int sector, long offset)
    {
        var moved = WindowsFileCalls.Read(device, memory.Pointer, (uint)sector, offset);
        return moved > 0 || moved is -ERROR.ERROR_CRC or -ERROR.ERROR_IO_DEVICE;
    }

    private static bool IsSector(uint size, uint most = MaxSector) =>
        size >= DeviceGeometry.DefaultSectorSize && size <= most && (size & (size - 1)) == 0;
}
