using System.Diagnostics;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Io;

/// <summary>
/// Holds a run to a number of bytes a second: who moves bytes takes them here first, and waits until they are due. Any
/// thread may; the lock is taken once a transfer.
/// </summary>
internal sealed class RatePacer
{
    /// <summary>
    /// What a run that had to wait for something else may catch up: an old debt paid all at once would be a burst that
    /// whoever asked for less than full speed wants least.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private readonly long bytesPerSecond;
    private readonly TimeProvider time;
    private readonly long start;
    private double dueSeconds;

    /// <param name="bytesPerSecond">More than 0.</param>
    public RatePacer(long bytesPerSecond, TimeProvider time)
    {
        Debug.Assert(bytesPerSecond > 0);
        this.bytesPerSecond = bytesPerSecond;
        this.time = time;
        start = time.GetTimestamp();
    }

    /// <summary>The pacer for a rate that a user gave; null for none.</summary>
    /// <exception cref="TidemarkException">The rate isn't possible.</exception>
    public static RatePacer? For(long? bytesPerSecond, TimeProvider time) => bytesPerSecond switch
    {
        null => null,
        <= 0 => throw TidemarkException.WrongUse("At a rate of nothing a second no run ends: give more, for example 50M."),
        { } rate => new RatePacer(rate, time),
    };

    /// <summary>Waits until so many bytes are due.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public void Take(long bytes, CancellationToken cancellation)
    {
        var wait = Reserve(bytes);
        if (wait > TimeSpan.Zero)
        {
            // Not through the provider: one that tests turn by hand would never come to the end.
            var waiting = Tracer.Begin();
            cancellation.WaitHandle.WaitOne(wait);
            Tracer.WaitedForRate(waiting);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>How long whoever takes so many bytes now has to wait; they count as taken.</summary>
    internal TimeSpan Reserve(long bytes)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(start).TotalSeconds;
            dueSeconds = Math.Max(dueSeconds, now - Patience.TotalSeconds);
            var wait = dueSeconds - now;
            dueSeconds += (double)bytes / bytesPerSecond;
            return TimeSpan.FromSeconds(Math.Max(0, wait));
        }
    }
}
