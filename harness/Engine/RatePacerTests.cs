using Tidemark.Engine.Io;
using Xunit;

namespace Tidemark.Harness.Engine;

/// <summary>How long who moves bytes has to wait, by a clock that is turned by hand.</summary>
public class RatePacerTests
{
    private readonly HandClock clock = new();

    [Fact]
    public void Bytes_wait_until_those_before_them_are_due()
    {
        var pacer = new RatePacer(1000, clock);
        Assert.Equal(TimeSpan.Zero, pacer.Reserve(200));
        Assert.Equal(0.2, pacer.Reserve(500).TotalSeconds, 3);
        Assert.Equal(0.7, pacer.Reserve(500).TotalSeconds, 3);
        clock.Turn(TimeSpan.FromSeconds(0.5));
        Assert.Equal(0.7, pacer.Reserve(1).TotalSeconds, 3);
    }

    [Fact]
    public void A_long_pause_is_not_caught_up()
    {
        var pacer = new RatePacer(1000, clock);
        pacer.Reserve(1000);
        clock.Turn(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, pacer.Reserve(1200));
        Assert.Equal(1, pacer.Reserve(1).TotalSeconds, 3);
    }

    [Fact]
    public void Waiting_ends_when_the_run_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var pacer = new RatePacer(1, TimeProvider.System);
        pacer.Take(1 << 20, cancel.Token);
        cancel.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => pacer.Take(1, cancel.Token));
    }

    private sealed class HandClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Turn(TimeSpan by) => now += by.Ticks;
    }
}
