namespace TerraFX.Interop.Windows;

public static class REGDB
{
    public const int REGDB_E_CLASSNOTREG = unchecked((int)0x80040154);
}
