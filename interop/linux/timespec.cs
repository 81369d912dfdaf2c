using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct timespec of 64-bit systems, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct timespec
{
    public long tv_sec;
    public long tv_nsec;
}
