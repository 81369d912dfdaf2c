using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>
/// The C library's calls, names verbatim. Failures are -1 with errno in the last P/Invoke error. Calls that take file
/// descriptors are in Libc.Files.cs, device controls in Libc.Devices.cs, io_uring in Libc.Uring.cs.
/// </summary>
public static unsafe partial class Libc
{
    public const int MADV_HUGEPAGE = 14;

    public const int PROT_NONE = 0;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_POPULATE = 0x8000;

    /// <summary>What mmap returns when it fails.</summary>
    public static readonly void* MAP_FAILED = (void*)-1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int madvise(void* addr, nuint length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    public static partial void* mmap(void* addr, nuint length, int prot, int flags, FdHandle fd, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(void* addr, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mprotect(void* addr, nuint len, int prot);
}
