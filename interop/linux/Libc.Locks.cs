using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Locks of open file descriptions (man 2 fcntl; asm-generic/fcntl.h).
public static unsafe partial class Libc
{
    public const int F_OFD_GETLK = 36;
    public const int F_OFD_SETLK = 37;

    public const short F_RDLCK = 0;
    public const short F_WRLCK = 1;
    public const short F_UNLCK = 2;

    public const int LOCK_SH = 1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(FdHandle fd, int cmd, flock* arg);
}
