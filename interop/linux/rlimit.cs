using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct rlimit of sys/resource.h, on systems of 64 bits.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct rlimit
{
    public ulong rlim_cur;
    public ulong rlim_max;
}
