using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public struct DISK_GEOMETRY_EX
{
    public DISK_GEOMETRY Geometry;
    public LARGE_INTEGER DiskSize;
    public _Data_e__FixedBuffer Data;

    public struct _Data_e__FixedBuffer
    {
        public byte e0;

        [UnscopedRef]
        public ref byte this[int index] => ref AsSpan(int.MaxValue)[index];

        [UnscopedRef]
        public Span<byte> AsSpan(int length) => MemoryMarshal.CreateSpan(ref e0, length);
    }
}
