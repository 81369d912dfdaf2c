namespace Tidemark.Harness.Support;

/// <summary>What code takes from the heap on its own thread.</summary>
internal static class HeapUse
{
    /// <summary>
    /// A collection that another test causes closes this thread's allocation window and counts the rest of it, up to
    /// 8 KiB, as taken. That doesn't happen each time; what the code itself takes does.
    /// </summary>
    private const int Attempts = 5;

    /// <summary>Bytes that the action takes, the least of a few runs; it was run before, so that nothing is new to it.</summary>
    public static long Least(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Attempts && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
