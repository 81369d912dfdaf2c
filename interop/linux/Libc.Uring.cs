using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// The three system calls of io_uring, which the C library doesn't wrap. The numbers are the same on every architecture
// that .NET runs on (asm-generic/unistd.h; arch/x86/entry/syscalls/syscall_64.tbl).
public static unsafe partial class Libc
{
    public const nint SYS_io_uring_setup = 425;
    public const nint SYS_io_uring_enter = 426;
    public const nint SYS_io_uring_register = 427;

    /// <summary>io_uring_setup(entries, params): the ring's descriptor, or -1.</summary>
    [LibraryImport("libc", SetLastError = true, EntryPoint = "syscall")]
    public static partial nint io_uring_setup(nint number, nuint entries, io_uring_params* p);

    /// <summary>io_uring_enter(fd, to_submit, min_complete, flags, sig, sigsz): entries taken, or -1.</summary>
    [LibraryImport("libc", SetLastError = true, EntryPoint = "syscall")]
    public static partial nint io_uring_enter(
        nint number, nint fd, nuint to_submit, nuint min_complete, nuint flags, void* sig, nuint sigsz);

    /// <summary>io_uring_register(fd, opcode, arg, nr_args): 0 or more, or -1.</summary>
    [LibraryImport("libc", SetLastError = true, EntryPoint = "syscall")]
    public static partial nint io_uring_register(nint number, nint fd, nuint opcode, void* arg, nuint nr_args);
}
