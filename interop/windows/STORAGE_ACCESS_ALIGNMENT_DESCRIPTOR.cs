namespace TerraFX.Interop.Windows;

public struct STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR
{
    public uint Version;
    public uint Size;
    public uint BytesPerCacheLine;
    public uint BytesOffsetForCacheAlignment;
    public uint BytesPerLogicalSector;
    public uint BytesPerPhysicalSector;
    public uint BytesOffsetForSectorAlignment;
}
