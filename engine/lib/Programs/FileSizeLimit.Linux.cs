using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Programs;

/// <summary>The Linux call behind <see cref="FileSizeLimit"/>.</summary>
internal static class FileSizeLimitCalls
{
    // Not by a handler of the runtime: that works on another thread, and may be gone before it has seen the signal.
    public static void Ignore() => Libc.signal(Libc.SIGXFSZ, Libc.SIG_IGN);
}
