using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public unsafe struct OVERLAPPED
{
    public nuint Internal;
    public nuint InternalHigh;
    public _Anonymous_e__Union Anonymous;
    public HANDLE hEvent;

    [UnscopedRef]
    public ref uint Offset => ref Anonymous.Anonymous.Offset;

    [UnscopedRef]
    public ref uint OffsetHigh => ref Anonymous.Anonymous.OffsetHigh;

    [UnscopedRef]
    public ref void* Pointer => ref Anonymous.Pointer;

    [StructLayout(LayoutKind.Explicit)]
    public struct _Anonymous_e__Union
    {
        [FieldOffset(0)]
        public _Anonymous_e__Struct Anonymous;

        [FieldOffset(0)]
        public void* Pointer;

        public struct _Anonymous_e__Struct
        {
            public uint Offset;
            public uint OffsetHigh;
        }
    }
}
