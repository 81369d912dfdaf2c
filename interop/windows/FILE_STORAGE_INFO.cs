namespace TerraFX.Interop.Windows;

public struct FILE_STORAGE_INFO
{
    public uint LogicalBytesPerSector;
    public uint PhysicalBytesPerSectorForAtomicity;
    public uint PhysicalBytesPerSectorForPerformance;
    public uint FileSystemEffectivePhysicalBytesPerSectorForAtomicity;
    public uint Flags;
    public uint ByteOffsetForSectorAlignment;
    public uint ByteOffsetForPartitionAlignment;
}
