namespace TerraFX.Interop.Windows;

public enum COINIT
{
    COINIT_MULTITHREADED = 0x0,
}
