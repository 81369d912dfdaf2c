using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Interop.Windows;

/// <summary>A kernel object that is no file: an event, a completion port. Closed by CloseHandle.</summary>
public sealed class KernelHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public KernelHandle()
        : base(ownsHandle: true)
    {
    }

    public KernelHandle(HANDLE handle)
        : base(ownsHandle: true) => SetHandle(handle);

    protected override bool ReleaseHandle() => CloseHandle((HANDLE)handle);
}
