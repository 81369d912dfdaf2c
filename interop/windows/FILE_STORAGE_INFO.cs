using System.Runtime.Versioning;

namespace TerraFX.Interop.Windows;

[SupportedOSPlatform("windows6.2")]
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
