namespace TerraFX.Interop.Windows;

public struct PARTITION_INFORMATION_MBR
{
    public byte PartitionType;
    public byte BootIndicator;
    public byte RecognizedPartition;
    public uint HiddenSectors;
    public Guid PartitionId;
}
