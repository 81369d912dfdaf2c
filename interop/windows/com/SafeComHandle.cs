using System.Runtime.InteropServices;

namespace Tidemark.Interop.Windows;

/// <summary>One reference to a COM object, given back with it.</summary>
public unsafe class SafeComHandle : SafeHandle
{
    // IUnknown: QueryInterface, AddRef, Release.
    private const int ReleaseSlot = 2;

    /// <summary>Takes over a reference that the caller owns.</summary>
    public SafeComHandle(void* reference)
        : base(0, ownsHandle: true) => SetHandle((nint)reference);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        var lpVtbl = *(void***)handle;
        ((delegate* unmanaged[Stdcall]<void*, uint>)lpVtbl[ReleaseSlot])((void*)handle);
        return true;
    }
}
