using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>Makes the identities of files and devices on Windows.</summary>
internal static class WindowsFileIdentity
{
    /// <summary>Major number of a device without a number of its own, which no type of device has.</summary>
    private const uint ByName = uint.MaxValue;

    public static FileIdentity OfFile(SafeFileHandle file)
    {
        if (WindowsFileCalls.GetInfo(file, FILE_INFO_BY_HANDLE_CLASS.FileIdInfo, out FILE_ID_INFO id) == 0)
        {
            ReadOnlySpan<byte> bytes = id.FileId.Identifier;
            return new FileIdentity(
                false,
                (uint)(id.VolumeSerialNumber >> 32),
                (uint)id.VolumeSerialNumber,
                BinaryPrimitives.ReadUInt64LittleEndian(bytes),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]));
        }

        // FAT on old systems and some network folders know the short form alone.
        return WindowsFileCalls.Stat(file, out var info) == 0
            ? new FileIdentity(false, 0, info.dwVolumeSerialNumber, ((ulong)info.nFileIndexHigh << 32) | info.nFileIndexLow)
            : default;
    }

    /// <param name="device">An open device.</param>
    /// <param name="name">The name it was opened by.</param>
    public static FileIdentity OfDevice(SafeFileHandle device, string name)
    {
        if (TryNumber(device, out var number))
        {
            return new FileIdentity(true, number.DeviceType, number.DeviceNumber, number.PartitionNumber);
        }

        // Dynamic volumes, storage spaces and shadow copies have no number.
        var target = WindowsVolumes.NativeName(name).ToUpperInvariant();
        return new FileIdentity(true, ByName, 0, XxHash64.HashToUInt64(MemoryMarshal.AsBytes(target.AsSpan())));
    }

    public static bool TryNumber(SafeFileHandle device, out STORAGE_DEVICE_NUMBER number) =>
        WindowsFileCalls.Query(device, IOCTL.IOCTL_STORAGE_GET_DEVICE_NUMBER, out number) == 0;
}
