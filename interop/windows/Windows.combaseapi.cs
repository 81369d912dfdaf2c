using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    [DllImport("ole32", ExactSpelling = true)]
    public static extern HRESULT CoInitializeEx(void* pvReserved, uint dwCoInit);

    [DllImport("ole32", ExactSpelling = true)]
    public static extern void CoUninitialize();

    [DllImport("ole32", ExactSpelling = true)]
    public static extern HRESULT CoInitializeSecurity(void* pSecDesc, int cAuthSvc, SOLE_AUTHENTICATION_SERVICE* asAuthSvc, void* pReserved1, uint dwAuthnLevel, uint dwImpLevel, void* pAuthList, uint dwCapabilities, void* pReserved3);
}
