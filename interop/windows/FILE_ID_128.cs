namespace TerraFX.Interop.Windows;

public unsafe struct FILE_ID_128
{
    public fixed byte Identifier[16];
}
