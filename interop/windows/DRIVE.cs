namespace TerraFX.Interop.Windows;

public static class DRIVE
{
    public const int DRIVE_UNKNOWN = 0;
    public const int DRIVE_NO_ROOT_DIR = 1;
    public const int DRIVE_REMOVABLE = 2;
    public const int DRIVE_REMOTE = 4;
    public const int DRIVE_CDROM = 5;
}
