namespace TerraFX.Interop.Windows;

public unsafe struct OVERLAPPED_ENTRY
{
    public nuint lpCompletionKey;
    public OVERLAPPED* lpOverlapped;
    public nuint Internal;
    public uint dwNumberOfBytesTransferred;
}
