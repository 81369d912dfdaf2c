using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct statfs of 64-bit Linux (asm-generic/statfs.h), padded to the size that glibc and musl write.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
public struct statfs
{
    public long f_type;
    public long f_bsize;
    public ulong f_blocks;
    public ulong f_bfree;
    public ulong f_bavail;
    public ulong f_files;
    public ulong f_ffree;
    public ulong f_fsid;
    public long f_namelen;
    public long f_frsize;
    public long f_flags;
}
