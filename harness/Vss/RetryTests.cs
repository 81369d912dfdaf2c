using Tidemark.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>What is tried again, how often and how long; and what isn't.</summary>
[DiffersBySystem]
[Collection(StandinTests.Name)]
public sealed class RetryTests : IDisposable
{
    private readonly Standin vss = new();
    private readonly HurriedTime time = new();
    private readonly RecordingObserver observer = new();

    public void Dispose() => vss.Dispose();

    [Fact]
    public void Another_set_in_progress_is_waited_for()
    {
        Standin.Set("BUSY", "3");
        using (var set = vss.Hold(time: time, observer: observer))
        {
            set.Complete(default);
        }

        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(10), 3), time.Waits);
        Assert.Equal(4, vss.Steps.Count(step => step == "StartSnapshotSet"));
        Assert.StartsWith("Another program is making a snapshot just now", Assert.Single(observer.Warnings), StringComparison.Ordinal);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void Another_set_that_never_ends_is_given_up()
    {
        Standin.Set("BUSY", "1000");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold(time: time, observer: observer));
        Assert.Contains("VSS_E_SNAPSHOT_SET_IN_PROGRESS, 0x80042316", failure.Message, StringComparison.Ordinal);
        // 15 minutes by 10 seconds; the clock goes on by itself too.
        Assert.InRange(time.Waits.Count, 85, 90);
        Assert.DoesNotContain("AbortBackup", vss.Steps);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void Waiting_for_another_set_can_be_cancelled()
    {
        Standin.Set("BUSY", "1000");
        using var source = new CancellationTokenSource();
        source.CancelAfter(TimeSpan.FromMilliseconds(300));
        Assert.ThrowsAny<OperationCanceledException>(() => vss.Hold(observer: observer, cancellation: source.Token));
        Assert.DoesNotContain("AbortBackup", vss.Steps);
        vss.AssertCleanEnd();
    }

    [Theory]
    [InlineData("DoSnapshotSet.async=80042313")]
    [InlineData("DoSnapshotSet.async=80042314")]
    [InlineData("DoSnapshotSet.async=8004230F")]
    [InlineData("AddToSnapshotSet=80042306")]
    public void What_the_documentation_calls_transient_is_tried_again(string failure)
    {
        Standin.Set("FAIL", failure);
        Assert.ThrowsAny<TidemarkException>(() => vss.Hold(time: time, observer: observer));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromMinutes(10), 3), time.Waits);
        Assert.Equal(4, vss.Steps.Count(step => step == "AbortBackup"));
        vss.AssertCleanEnd(objects: 4);
    }

    [Fact]
    public void What_is_not_transient_fails_at_once()
    {
        Standin.Set("FAIL", "DoSnapshotSet.async=8004231F");
        Assert.ThrowsAny<TidemarkException>(() => vss.Hold(time: time, observer: observer));
        Assert.Empty(time.Waits);
        vss.AssertCleanEnd();
    }
}
