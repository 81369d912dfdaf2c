namespace Tidemark.Harness.Vss;

/// <summary>A clock on which nobody waits: a timer goes off at once, and the clock then shows that its time has passed.</summary>
internal sealed class HurriedTime : TimeProvider
{
    private readonly long began = System.GetTimestamp();
    private long skipped;

    /// <summary>The waits that were asked for, in order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() - began + Interlocked.Read(ref skipped);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + GetElapsedTime(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
        {
            Waits.Add(dueTime);
            Interlocked.Add(ref skipped, (long)(dueTime.TotalSeconds * TimestampFrequency));
        }

        return System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}
