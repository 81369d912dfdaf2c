namespace TerraFX.Interop.Windows;

public struct FILE_DISPOSITION_INFO_EX
{
    public uint Flags;
}
