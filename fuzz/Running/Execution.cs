using System.Diagnostics;
using Tidemark.Engine;

namespace Tidemark.Fuzz.Running;

/// <summary>Runs a target on one input, with bounds on memory and time.</summary>
internal static class Execution
{
    /// <summary>The longest input of all targets.</summary>
    public const int MaxInput = 1 << 20;

    /// <summary>
    /// Far more than any input takes (the slowest are some tens of milliseconds), so that a busy machine doesn't count.
    /// </summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private static readonly GuardedMemory Memory = new(MaxInput);

    /// <summary>
    /// Throws whatever is a find; an exception of the engine's own family isn't one, and its message is returned.
    /// </summary>
    public static string? Run(FuzzTarget target, ReadOnlySpan<byte> input)
    {
        var guarded = Memory.Copy(input[..Math.Min(input.Length, target.MaxInput)]);
        var began = Stopwatch.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        string? refusal = null;
        try
        {
            target.Run(guarded);
        }
        catch (TidemarkException e)
        {
            refusal = e.Message;
            FindException.Unless(e.Message.Length > 0, "An exception says nothing.");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        FindException.Unless(allocated <= target.MaxAllocated, $"It took {allocated} bytes of memory, and {target.MaxAllocated} are its bound.");
        var elapsed = Stopwatch.GetElapsedTime(began);
        FindException.Unless(elapsed <= MaxTime, $"It took {elapsed}, and {MaxTime} is the bound.");
        return refusal;
    }

    /// <summary>Null, or what was found.</summary>
    public static Exception? Try(FuzzTarget target, ReadOnlySpan<byte> input, out string? refusal)
    {
        refusal = null;
        try
        {
            refusal = Run(target, input);
            return null;
        }
#pragma warning disable CA1031 // Every other exception is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}
