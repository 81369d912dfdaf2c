namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    // Not used: a region's status, here since its name is also that of a class.
    public const int ERROR = 0;
}
