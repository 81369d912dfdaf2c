namespace TerraFX.Interop.Windows;

public static class PROCESS
{
    public const int PROCESS_MODE_BACKGROUND_BEGIN = 0x00100000;
}
