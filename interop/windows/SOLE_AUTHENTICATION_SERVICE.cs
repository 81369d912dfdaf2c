namespace TerraFX.Interop.Windows;

public unsafe struct SOLE_AUTHENTICATION_SERVICE
{
    public uint dwAuthnSvc;
    public uint dwAuthzSvc;
    public char* pPrincipalName;
    public HRESULT hr;
}
