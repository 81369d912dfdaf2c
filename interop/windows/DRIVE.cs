namespace TerraFX.Interop.Windows;

public static class DRIVE
{
    public const int DRIVE_REMOVABLE = 2;
    public const int DRIVE_CDROM = 5;
}
