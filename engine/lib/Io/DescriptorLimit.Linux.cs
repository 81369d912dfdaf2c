using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

/// <summary>How many descriptors this process may have open.</summary>
internal static unsafe class DescriptorLimit
{
    /// <summary>What nearly every system gives a process at least.</summary>
    private const long Usual = 1024;

    /// <summary>The limit as it is now.</summary>
    public static long Current
    {
        get
        {
            rlimit limit;
            return Libc.getrlimit(Libc.RLIMIT_NOFILE, &limit) == 0 ? (long)Math.Min(limit.rlim_cur, int.MaxValue) : Usual;
        }
    }

    /// <summary>
    /// Raises it as far as the process may by itself. The lower one stands for programs that count descriptors in the bits
    /// of a set of 1024, and this one doesn't.
    /// </summary>
    public static void Raise()
    {
        rlimit limit;
        if (Libc.getrlimit(Libc.RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
        {
            limit.rlim_cur = limit.rlim_max;
            _ = Libc.setrlimit(Libc.RLIMIT_NOFILE, &limit);
        }
    }
}
