namespace TerraFX.Interop.Windows;

public static class OPEN
{
    public const int OPEN_EXISTING = 3;
    public const int OPEN_ALWAYS = 4;
}
