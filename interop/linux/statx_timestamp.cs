using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct statx_timestamp of linux/stat.h, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct statx_timestamp
{
    public long tv_sec;
    public uint tv_nsec;
    private readonly int reserved;
}
