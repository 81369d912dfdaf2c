using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>struct cachestat_range of linux/mman.h: bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct cachestat_range
{
    public ulong off;
    public ulong len;
}

/// <summary>struct cachestat of linux/mman.h: numbers of pages.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct cachestat
{
    public ulong nr_cache;
    public ulong nr_dirty;
    public ulong nr_writeback;
    public ulong nr_evicted;
    public ulong nr_recently_evicted;
}
