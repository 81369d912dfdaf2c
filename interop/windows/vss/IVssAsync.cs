using TerraFX.Interop.Windows;

namespace Tidemark.Interop.Windows;

/// <summary>An operation of VSS that goes on by itself (vss.h).</summary>
public unsafe struct IVssAsync
{
    public void** lpVtbl;

    public HRESULT Cancel()
    {
        fixed (IVssAsync* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssAsync*, HRESULT>)lpVtbl[3])(self);
        }
    }

    public HRESULT Wait(uint dwMilliseconds)
    {
        fixed (IVssAsync* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssAsync*, uint, HRESULT>)lpVtbl[4])(self, dwMilliseconds);
        }
    }

    public HRESULT QueryStatus(HRESULT* pHrResult, int* pReserved)
    {
        fixed (IVssAsync* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssAsync*, HRESULT*, int*, HRESULT>)lpVtbl[5])(self, pHrResult, pReserved);
        }
    }
}
