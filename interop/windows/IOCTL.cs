using System.Runtime.Versioning;

namespace TerraFX.Interop.Windows;

public static class IOCTL
{
    public const int IOCTL_STORAGE_GET_DEVICE_NUMBER = (0x0000002d << 16) | (0 << 14) | (0x0420 << 2) | 0;

    [SupportedOSPlatform("windows10.0")]
    public const int IOCTL_STORAGE_QUERY_PROPERTY = (0x0000002d << 16) | (0 << 14) | (0x0500 << 2) | 0;

    public const int IOCTL_DISK_GET_DRIVE_GEOMETRY = (0x00000007 << 16) | (0 << 14) | (0x0000 << 2) | 0;
    public const int IOCTL_DISK_GET_PARTITION_INFO_EX = (0x00000007 << 16) | (0 << 14) | (0x0012 << 2) | 0;
    public const int IOCTL_DISK_GET_LENGTH_INFO = (0x00000007 << 16) | (0x0001 << 14) | (0x0017 << 2) | 0;
    public const int IOCTL_DISK_GET_DRIVE_GEOMETRY_EX = (0x00000007 << 16) | (0 << 14) | (0x0028 << 2) | 0;
    public const int IOCTL_DISK_UPDATE_PROPERTIES = (0x00000007 << 16) | (0 << 14) | (0x0050 << 2) | 0;
    public const int IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS = (0x00000056 << 16) | (0 << 14) | (0 << 2) | 0;
}
