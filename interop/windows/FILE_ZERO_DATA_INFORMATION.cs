namespace TerraFX.Interop.Windows;

public struct FILE_ZERO_DATA_INFORMATION
{
    public LARGE_INTEGER FileOffset;
    public LARGE_INTEGER BeyondFinalZero;
}
