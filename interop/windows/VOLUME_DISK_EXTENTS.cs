using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public struct VOLUME_DISK_EXTENTS
{
    public uint NumberOfDiskExtents;
    public _Extents_e__FixedBuffer Extents;

    public struct _Extents_e__FixedBuffer
    {
        public DISK_EXTENT e0;

        [UnscopedRef]
        public ref DISK_EXTENT this[int index] => ref AsSpan(int.MaxValue)[index];

        [UnscopedRef]
        public Span<DISK_EXTENT> AsSpan(int length) => MemoryMarshal.CreateSpan(ref e0, length);
    }
}
