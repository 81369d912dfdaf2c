using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Processes, their streams and their mounts (man 2 setsid, kill, dup2, fcntl, unshare, mount, execve; man 2 signal).
public static unsafe partial class Libc
{
    public const int SIGTERM = 15;

    public const int CLONE_NEWNS = 0x20000;

    public const nuint MS_REC = 0x4000;
    public const nuint MS_SLAVE = 0x80000;

    public const int MNT_DETACH = 2;

    /// <summary>This number on x64 and arm64 (man 7 signal).</summary>
    public const int SIGXFSZ = 25;

    public const nint SIG_IGN = 1;

    public const int F_GETFD = 1;
    public const int F_SETFD = 2;
    public const int FD_CLOEXEC = 1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint signal(int sig, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string? filesystemtype, nuint mountflags, void* data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int cmd, int arg);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int execv(string pathname, byte** argv);
}
