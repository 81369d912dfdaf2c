using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct io_sqring_offsets of linux/io_uring.h: where in the mapping the submission ring's members are.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct io_sqring_offsets
{
    public uint head;
    public uint tail;
    public uint ring_mask;
    public uint ring_entries;
    public uint flags;
    public uint dropped;
    public uint array;
    public uint resv1;
    public ulong user_addr;
}
