namespace TerraFX.Interop.Windows;

public struct FILETIME
{
    public uint dwLowDateTime;
    public uint dwHighDateTime;
}
