namespace TerraFX.Interop.Windows;

public struct FILE_ATTRIBUTE_TAG_INFO
{
    public uint FileAttributes;
    public uint ReparseTag;
}
