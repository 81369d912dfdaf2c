namespace TerraFX.Interop.Windows;

public static class RPC
{
    public const int RPC_E_TOO_LATE = unchecked((int)0x80010119);
}
