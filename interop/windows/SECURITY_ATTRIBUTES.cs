namespace TerraFX.Interop.Windows;

public unsafe struct SECURITY_ATTRIBUTES
{
    public uint nLength;
    public void* lpSecurityDescriptor;
    public BOOL bInheritHandle;
}
