using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct dirent of 64-bit systems (man 3 readdir); d_name is as long as it is, and ends with a zero byte.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct dirent
{
    public ulong d_ino;
    public long d_off;
    public ushort d_reclen;
    public byte d_type;
    public fixed byte d_name[256];
}
