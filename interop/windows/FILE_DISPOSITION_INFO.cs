namespace TerraFX.Interop.Windows;

public struct FILE_DISPOSITION_INFO
{
    public byte DeleteFile;
}
