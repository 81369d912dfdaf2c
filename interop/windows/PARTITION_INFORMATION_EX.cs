using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public struct PARTITION_INFORMATION_EX
{
    public PARTITION_STYLE PartitionStyle;
    public ushort PartitionOrdinal;
    public LARGE_INTEGER StartingOffset;
    public LARGE_INTEGER PartitionLength;
    public uint PartitionNumber;
    public byte RewritePartition;
    public byte IsServicePartition;
    public _Anonymous_e__Union Anonymous;

    [UnscopedRef]
    public ref PARTITION_INFORMATION_MBR Mbr => ref Anonymous.Mbr;

    [UnscopedRef]
    public ref PARTITION_INFORMATION_GPT Gpt => ref Anonymous.Gpt;

    [StructLayout(LayoutKind.Explicit)]
    public struct _Anonymous_e__Union
    {
        [FieldOffset(0)]
        public PARTITION_INFORMATION_MBR Mbr;

        [FieldOffset(0)]
        public PARTITION_INFORMATION_GPT Gpt;
    }
}
