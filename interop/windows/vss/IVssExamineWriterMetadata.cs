using TerraFX.Interop.Windows;
using VSS_ID = System.Guid;

namespace Tidemark.Interop.Windows;

/// <summary>What a writer says of itself (vsbackup.h), as far as it is used.</summary>
public unsafe struct IVssExamineWriterMetadata
{
    public void** lpVtbl;

    /// <param name="pbstrWriterName">A BSTR, which the caller frees.</param>
    public HRESULT GetIdentity(
        VSS_ID* pidInstance, VSS_ID* pidWriter, char** pbstrWriterName, VSS_USAGE_TYPE* pUsage, VSS_SOURCE_TYPE* pSource)
    {
        fixed (IVssExamineWriterMetadata* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssExamineWriterMetadata*, VSS_ID*, VSS_ID*, char**, VSS_USAGE_TYPE*, VSS_SOURCE_TYPE*, HRESULT>)lpVtbl[3])(
                self, pidInstance, pidWriter, pbstrWriterName, pUsage, pSource);
        }
    }
}
