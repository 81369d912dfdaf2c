namespace Tidemark.Interop.Windows;

/// <summary>A control of volumes (winioctl.h): in goes the number of a cluster; out come that of the first one, how many there are from it on, and a bit for each.</summary>
public static class VolumeControl
{
    public const int FSCTL_GET_VOLUME_BITMAP = (0x00000009 << 16) | (0 << 14) | (27 << 2) | 3;
}
