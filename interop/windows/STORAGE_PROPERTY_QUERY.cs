using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public struct STORAGE_PROPERTY_QUERY
{
    public STORAGE_PROPERTY_ID PropertyId;
    public STORAGE_QUERY_TYPE QueryType;
    public _AdditionalParameters_e__FixedBuffer AdditionalParameters;

    public struct _AdditionalParameters_e__FixedBuffer
    {
        public byte e0;

        [UnscopedRef]
        public ref byte this[int index] => ref AsSpan(int.MaxValue)[index];

        [UnscopedRef]
        public Span<byte> AsSpan(int length) => MemoryMarshal.CreateSpan(ref e0, length);
    }
}
