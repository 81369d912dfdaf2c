using System.Runtime.CompilerServices;

namespace TerraFX.Interop.Windows;

public struct FILE_ID_128
{
    public _Identifier_e__FixedBuffer Identifier;

    [InlineArray(16)]
    public struct _Identifier_e__FixedBuffer
    {
        public byte e0;
    }
}
