using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct io_uring_cqe of linux/io_uring.h, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct io_uring_cqe
{
    public ulong user_data;
    public int res;
    public uint flags;
}
