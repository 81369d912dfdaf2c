namespace TerraFX.Interop.Windows;

public struct FILE_ID_INFO
{
    public ulong VolumeSerialNumber;
    public FILE_ID_128 FileId;
}
