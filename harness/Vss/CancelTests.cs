using System.Diagnostics;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>Cancellation in each operation: VSS is told, and what has been begun is undone.</summary>
[DiffersBySystem]
[Collection(StandinTests.Name)]
public sealed class CancelTests : IDisposable
{
    private readonly Standin vss = new();

    public void Dispose() => vss.Dispose();

    [Theory]
    [InlineData("GatherWriterMetadata", false)]
    [InlineData("PrepareForBackup", true)]
    [InlineData("GatherWriterStatus", true)]
    [InlineData("DoSnapshotSet", true)]
    public void An_operation_that_hangs_is_cancelled(string operation, bool aborted)
    {
        Standin.Set("PENDING", $"{operation}=-1");
        using var source = new CancellationTokenSource();
        source.CancelAfter(TimeSpan.FromMilliseconds(300));
        var clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() => vss.Hold(cancellation: source.Token));
        Assert.True(clock.Elapsed < Patience.Limit, $"It took {clock.Elapsed}.");
        var calls = vss.Calls;
        var cancelled = Array.IndexOf(calls, $"{operation}.Cancel");
        Assert.True(cancelled >= 0, string.Join('\n', calls));
        Assert.Equal($"{operation}.Release", calls[cancelled + 1]);
        Assert.Equal(aborted, vss.Steps.Contains("AbortBackup"));
        Assert.Equal(operation == "DoSnapshotSet", vss.Steps.Contains("DeleteSnapshots"));
        vss.AssertCleanEnd();
    }

    [Fact]
    public void The_end_of_a_backup_can_be_cancelled()
    {
        var set = vss.Hold();
        Standin.Set("PENDING", "BackupComplete=-1");
        using var source = new CancellationTokenSource();
        source.CancelAfter(TimeSpan.FromMilliseconds(300));
        Assert.ThrowsAny<OperationCanceledException>(() => set.Complete(source.Token));
        set.Dispose();
        Assert.Contains("BackupComplete.Cancel", vss.Calls);
        Assert.Equal(["AbortBackup", "DeleteSnapshots", "Release"], vss.Steps[^3..]);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void What_is_cancelled_before_it_begins_makes_no_snapshot()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => vss.Hold(cancellation: source.Token));
        Assert.DoesNotContain("StartSnapshotSet", vss.Steps);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void An_operation_that_cannot_be_cancelled_does_not_hold_the_run()
    {
        Standin.Set("PENDING", "DoSnapshotSet=-1");
        Standin.Set("FAIL", "DoSnapshotSet.Cancel=80042302");
        using var source = new CancellationTokenSource();
        source.CancelAfter(TimeSpan.FromMilliseconds(300));
        Assert.ThrowsAny<OperationCanceledException>(() => vss.Hold(cancellation: source.Token));
        Assert.Contains("AbortBackup", vss.Steps);
        Assert.Contains("DeleteSnapshots", vss.Steps);
    }
}
