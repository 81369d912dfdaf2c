namespace TerraFX.Interop.Windows;

public struct FILE_ALLOCATED_RANGE_BUFFER
{
    public LARGE_INTEGER FileOffset;
    public LARGE_INTEGER Length;
}
