using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// sys/resource.h, linux/ioprio.h; the system calls for I/O priorities have no wrapper in the C library.
public static unsafe partial class Libc
{
    public const int PRIO_PROCESS = 0;

    public const int IOPRIO_WHO_PROCESS = 1;
    public const int IOPRIO_CLASS_IDLE = 3;
    public const int IOPRIO_CLASS_SHIFT = 13;

    /// <summary>arch/x86/entry/syscalls/syscall_64.tbl; elsewhere asm-generic/unistd.h.</summary>
    public static nint SYS_ioprio_set => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 251 : 30;

    /// <summary>As <see cref="SYS_ioprio_set"/>.</summary>
    public static nint SYS_ioprio_get => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 252 : 31;

    /// <summary>setpriority(which, who, prio): 0, or -1. Of a thread, where who is 0 or a thread's id.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, int who, int prio);

    /// <summary>getpriority(which, who): the nice value; -1 is one too.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getpriority(int which, int who);

    /// <summary>ioprio_set(which, who, ioprio): 0, or -1.</summary>
    [LibraryImport("libc", SetLastError = true, EntryPoint = "syscall")]
    public static partial nint ioprio_set(nint number, nint which, nint who, nint ioprio);

    /// <summary>ioprio_get(which, who): the priority, or -1.</summary>
    [LibraryImport("libc", SetLastError = true, EntryPoint = "syscall")]
    public static partial nint ioprio_get(nint number, nint which, nint who);
}
