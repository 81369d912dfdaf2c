namespace TerraFX.Interop.Windows;

public unsafe struct DISK_GEOMETRY_EX
{
    public DISK_GEOMETRY Geometry;
    public LARGE_INTEGER DiskSize;
    public fixed byte Data[1];
}
