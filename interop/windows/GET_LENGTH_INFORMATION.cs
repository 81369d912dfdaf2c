namespace TerraFX.Interop.Windows;

public struct GET_LENGTH_INFORMATION
{
    public LARGE_INTEGER Length;
}
