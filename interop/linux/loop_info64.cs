using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>linux/loop.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct loop_info64
{
    public ulong lo_device;
    public ulong lo_inode;
    public ulong lo_rdevice;
    public ulong lo_offset;
    public ulong lo_sizelimit;
    public uint lo_number;
    public uint lo_encrypt_type;
    public uint lo_encrypt_key_size;
    public uint lo_flags;
    public fixed byte lo_file_name[Libc.LO_NAME_SIZE];
    public fixed byte lo_crypt_name[Libc.LO_NAME_SIZE];
    public fixed byte lo_encrypt_key[32];
    public fixed ulong lo_init[2];
}
