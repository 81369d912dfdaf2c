using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Limits of a process (man 2 getrlimit).
public static unsafe partial class Libc
{
    public const int RLIMIT_NOFILE = 7;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, rlimit* rlim);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, rlimit* rlim);
}
