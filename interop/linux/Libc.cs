using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>The C library's calls, names verbatim. Failures are -1 with errno in the last P/Invoke error.</summary>
public static unsafe partial class Libc
{
    public const int MADV_HUGEPAGE = 14;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int madvise(void* addr, nuint length, int advice);
}
