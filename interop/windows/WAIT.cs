namespace TerraFX.Interop.Windows;

public static class WAIT
{
    public const int WAIT_TIMEOUT = 258;
}
