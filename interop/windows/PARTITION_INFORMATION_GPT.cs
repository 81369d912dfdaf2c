using System.Runtime.CompilerServices;

namespace TerraFX.Interop.Windows;

public struct PARTITION_INFORMATION_GPT
{
    public Guid PartitionType;
    public Guid PartitionId;
    public ulong Attributes;
    public _Name_e__FixedBuffer Name;

    [InlineArray(36)]
    public struct _Name_e__FixedBuffer
    {
        public char e0;
    }
}
