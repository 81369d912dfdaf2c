using Tidemark.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>Writers in a failed state, before the snapshot and after it: named, with their reason.</summary>
[DiffersBySystem]
[Collection(StandinTests.Name)]
public sealed class WriterTests : IDisposable
{
    private readonly Standin vss = new();

    public void Dispose() => vss.Dispose();

    [Fact]
    public void A_writer_that_fails_to_prepare_is_named_before_a_snapshot_is_made()
    {
        Standin.Set("WRITERS", "SqlServerWriter=prepare:7:800423F4;NTDS");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold());
        Assert.StartsWith(
            "VSS writer 'SqlServerWriter' failed to prepare the backup: the application had a failure that will come again.",
            failure.Message, StringComparison.Ordinal);
        Assert.Contains("VSS_E_WRITERERROR_NONRETRYABLE, 0x800423F4", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("NTDS", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("DoSnapshotSet", vss.Steps);
        Assert.Equal(["AbortBackup", "Release"], vss.Steps[^2..]);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_writer_that_fails_to_freeze_is_named_and_its_snapshot_deleted()
    {
        Standin.Set("WRITERS", "SqlServerWriter;NTDS=snapshot:9:800423F4");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold());
        Assert.StartsWith("VSS writer 'NTDS' failed to freeze its data:", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["AbortBackup", "DeleteSnapshots", "Release"], vss.Steps[^3..]);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void All_writers_that_failed_are_named()
    {
        Standin.Set("WRITERS", "One=prepare:7:800423F4;Two=prepare:8:0;Three");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold());
        Assert.Contains("VSS writer 'One' failed to prepare the backup:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("VSS writer 'Two' failed to prepare the snapshot.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Three", failure.Message, StringComparison.Ordinal);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_reason_without_a_failed_state_counts()
    {
        Standin.Set("WRITERS", "Odd=prepare:1:800423F0");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold());
        Assert.StartsWith("VSS writer 'Odd' reports a failure: the snapshot has only some of the volumes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_writer_that_fails_at_the_end_is_named_and_nothing_is_aborted()
    {
        Standin.Set("WRITERS", "SqlServerWriter=complete:12:800423F4");
        using (var set = vss.Hold())
        {
            var failure = Assert.ThrowsAny<TidemarkException>(() => set.Complete(default));
            Assert.StartsWith("VSS writer 'SqlServerWriter' failed at the end of the backup:", failure.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("AbortBackup", vss.Steps);
        Assert.Equal(["DeleteSnapshots", "Release"], vss.Steps[^2..]);
        vss.AssertCleanEnd();
    }

    [Theory]
    [InlineData("800423F1")]
    [InlineData("800423F2")]
    [InlineData("800423F3")]
    public void A_writer_whose_failure_may_pass_is_tried_again_three_times(string code)
    {
        Standin.Set("WRITERS", $"SqlServerWriter=prepare:7:{code}");
        var time = new HurriedTime();
        var observer = new RecordingObserver();
        Assert.ThrowsAny<TidemarkException>(() => vss.Hold(time: time, observer: observer));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromMinutes(10), 3), time.Waits);
        Assert.Equal(3, observer.Warnings.Count);
        Assert.All(observer.Warnings, warning => Assert.Contains("SqlServerWriter", warning, StringComparison.Ordinal));
        Assert.EndsWith("Trying again in 10 minutes (attempt 2 of 4).", observer.Warnings[0], StringComparison.Ordinal);
        // Each attempt with an object of its own, as one object serves one backup.
        vss.AssertCleanEnd(objects: 4);
    }
}
