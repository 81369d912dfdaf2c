using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct flock of 64-bit Linux (asm-generic/fcntl.h).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct flock
{
    public short l_type;
    public short l_whence;
    public long l_start;
    public long l_len;
    public int l_pid;
}
