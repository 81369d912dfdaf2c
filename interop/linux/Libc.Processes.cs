using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Processes and their streams (man 2 setsid, kill, dup2).
public static unsafe partial class Libc
{
    public const int SIGTERM = 15;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);
}
