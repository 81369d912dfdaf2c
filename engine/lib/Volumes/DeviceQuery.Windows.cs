using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Volumes;

/// <summary>Questions to a disk or volume that need no right to read it.</summary>
internal static unsafe class DeviceQuery
{
    /// <summary>Bytes of a device's description: its fixed part and a few lines of text.</summary>
    private const int DescriptorSize = 1024;

    /// <summary>Opens for questions alone; an invalid handle where that is refused.</summary>
    /// <param name="device">A name as <see cref="WindowsPlace.Device"/> has it.</param>
    public static SafeFileHandle Open(string device) =>
        WindowsFileCalls.Open(device, 0, OPEN.OPEN_EXISTING, FILE.FILE_FLAG_OVERLAPPED, out _);

    /// <summary>The entry of a volume in its disk's partition table; null where it isn't a partition.</summary>
    public static PARTITION_INFORMATION_EX? Partition(SafeFileHandle volume)
    {
        return !volume.IsInvalid && WindowsFileCalls.Query(volume, IOCTL.IOCTL_DISK_GET_PARTITION_INFO_EX, out PARTITION_INFORMATION_EX info) == 0
            ? info
            : null;
    }

    /// <summary>Model and serial number, and whether the medium can be taken out; nothing where the driver doesn't tell.</summary>
    public static (string? Model, string? Serial, bool IsRemovable) Describe(SafeFileHandle disk)
    {
        var query = new STORAGE_PROPERTY_QUERY { PropertyId = STORAGE_PROPERTY_ID.StorageDeviceProperty };
        var bytes = stackalloc byte[DescriptorSize];
        if (disk.IsInvalid || !OperatingSystem.IsWindowsVersionAtLeast(10) || WindowsFileCalls.Control(
            disk, IOCTL.IOCTL_STORAGE_QUERY_PROPERTY, &query, sizeof(STORAGE_PROPERTY_QUERY), bytes, DescriptorSize, out var length) != 0)
        {
            return default;
        }

        return length < sizeof(STORAGE_DEVICE_DESCRIPTOR) ? default : Describe(new ReadOnlySpan<byte>(bytes, length));
    }

    /// <summary>The same, of what a driver answered.</summary>
    internal static (string? Model, string? Serial, bool IsRemovable) Describe(ReadOnlySpan<byte> answer)
    {
        var descriptor = MemoryMarshal.Read<STORAGE_DEVICE_DESCRIPTOR>(answer);
        var (vendor, product) = (Text(answer, descriptor.VendorIdOffset), Text(answer, descriptor.ProductIdOffset));
        var model = string.Join(' ', new[] { vendor, product }.OfType<string>());
        return (model.Length == 0 ? null : model, Text(answer, descriptor.SerialNumberOffset), descriptor.RemovableMedia != 0);
    }

    // An offset of 0, and for the serial number one of -1, says that there is none.
    private static string? Text(ReadOnlySpan<byte> answer, uint offset) =>
        offset == 0 || offset >= answer.Length ? null : DiskText.Clean(Encoding.Latin1.GetString(UpToNul(answer[(int)offset..])).Trim());

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text;
}
