namespace TerraFX.Interop.Windows;

public struct DISK_GEOMETRY
{
    public LARGE_INTEGER Cylinders;
    public MEDIA_TYPE MediaType;
    public uint TracksPerCylinder;
    public uint SectorsPerTrack;
    public uint BytesPerSector;
}
