namespace TerraFX.Interop.Windows;

public struct FILE_END_OF_FILE_INFO
{
    public LARGE_INTEGER EndOfFile;
}
