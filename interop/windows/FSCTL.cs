namespace TerraFX.Interop.Windows;

public static class FSCTL
{
    public const int FSCTL_LOCK_VOLUME = (0x00000009 << 16) | (0 << 14) | (6 << 2) | 0;
    public const int FSCTL_DISMOUNT_VOLUME = (0x00000009 << 16) | (0 << 14) | (8 << 2) | 0;
    public const int FSCTL_ALLOW_EXTENDED_DASD_IO = (0x00000009 << 16) | (0 << 14) | (32 << 2) | 3;
    public const int FSCTL_SET_SPARSE = (0x00000009 << 16) | (0 << 14) | (49 << 2) | 0;
    public const int FSCTL_SET_ZERO_DATA = (0x00000009 << 16) | (0x0002 << 14) | (50 << 2) | 0;
    public const int FSCTL_QUERY_ALLOCATED_RANGES = (0x00000009 << 16) | (0x0001 << 14) | (51 << 2) | 3;
}
