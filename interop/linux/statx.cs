using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct statx of linux/stat.h, 256 bytes; fields beyond stx_mnt_id are zero on kernels that don't know them.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
public struct statx
{
    public const uint STATX_TYPE = 0x0001;
    public const uint STATX_BASIC_STATS = 0x07FF;
    public const uint STATX_BTIME = 0x0800;
    public const uint STATX_MNT_ID = 0x1000;
    public const uint STATX_DIOALIGN = 0x2000;

    public uint stx_mask;
    public uint stx_blksize;
    public ulong stx_attributes;
    public uint stx_nlink;
    public uint stx_uid;
    public uint stx_gid;
    public ushort stx_mode;
    private readonly ushort spare0;
    public ulong stx_ino;
    public ulong stx_size;
    public ulong stx_blocks;
    public ulong stx_attributes_mask;
    public statx_timestamp stx_atime;
    public statx_timestamp stx_btime;
    public statx_timestamp stx_ctime;
    public statx_timestamp stx_mtime;
    public uint stx_rdev_major;
    public uint stx_rdev_minor;
    public uint stx_dev_major;
    public uint stx_dev_minor;
    public ulong stx_mnt_id;
    public uint stx_dio_mem_align;
    public uint stx_dio_offset_align;
}
