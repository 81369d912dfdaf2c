using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// What lies in the page cache. cachestat came with 6.5 and has the same number on every architecture that .NET runs on.
public static unsafe partial class Libc
{
    public const nint SYS_cachestat = 451;

    /// <summary>cachestat(fd, range, stat, flags): 0, or -1.</summary>
    [LibraryImport("libc", SetLastError = true, EntryPoint = "syscall")]
    public static partial nint cachestat(nint number, nint fd, cachestat_range* range, cachestat* stat, nint flags);

    /// <summary>One byte a page; its lowest bit says that the page is in memory.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int mincore(void* addr, nuint length, byte* vec);
}
