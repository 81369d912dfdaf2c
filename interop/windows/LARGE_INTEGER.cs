using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

[StructLayout(LayoutKind.Explicit)]
public struct LARGE_INTEGER
{
    [FieldOffset(0)]
    public _Anonymous_e__Struct Anonymous;

    [FieldOffset(0)]
    public _u_e__Struct u;

    [FieldOffset(0)]
    public long QuadPart;

    public struct _Anonymous_e__Struct
    {
        public uint LowPart;
        public int HighPart;
    }

    public struct _u_e__Struct
    {
        public uint LowPart;
        public int HighPart;
    }
}
