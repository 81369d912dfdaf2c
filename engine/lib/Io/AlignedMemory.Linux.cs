using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

internal sealed unsafe partial class AlignedMemory
{
    // A refusal costs speed and nothing else.
    private static void AdviseHugePages(byte* start, nuint length) =>
        _ = Libc.madvise(start, length, Libc.MADV_HUGEPAGE);
}
