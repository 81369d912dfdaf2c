namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    public const uint GENERIC_READ = 0x80000000;
    public const int GENERIC_WRITE = 0x40000000;
    public const int DELETE = 0x00010000;
}
