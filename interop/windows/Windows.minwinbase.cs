namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    public const int LOCKFILE_FAIL_IMMEDIATELY = 0x00000001;
    public const int LOCKFILE_EXCLUSIVE_LOCK = 0x00000002;
}
