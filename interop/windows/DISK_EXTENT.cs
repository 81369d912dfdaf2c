namespace TerraFX.Interop.Windows;

public struct DISK_EXTENT
{
    public uint DiskNumber;
    public LARGE_INTEGER StartingOffset;
    public LARGE_INTEGER ExtentLength;
}
