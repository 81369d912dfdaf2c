namespace Tidemark.Harness.Simulation;

/// <summary>A clock that goes when it is told to, and jumps when it is told to.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private DateTimeOffset wall = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ticks;

    public override DateTimeOffset GetUtcNow() => wall;

    /// <summary>Nothing happens by itself here: whoever holds a lock gives its signs of life when it is asked to.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

    public void Pass(TimeSpan time)
    {
        ticks += time.Ticks;
        Jump(time);
    }

    /// <summary>Sets the wall clock forth or back; what measures durations stays as it is.</summary>
    public void Jump(TimeSpan by)
    {
        wall += by;

        // No further than clocks go that lost their battery, or whose owner mistyped the century.
        if (wall.Year is < 1970 or > 2200)
        {
            wall = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        }
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
