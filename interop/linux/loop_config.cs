using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>linux/loop.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct loop_config
{
    public uint fd;
    public uint block_size;
    public loop_info64 info;
    public fixed ulong __reserved[8];
}
