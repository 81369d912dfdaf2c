using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Snapshots;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>Each call fails in turn, at once or in the operation it began: the message, and what is cleaned up.</summary>
[DiffersBySystem]
[Collection(StandinTests.Name)]
public sealed class FailingStepTests : IDisposable
{
    private readonly Standin vss = new();

    public void Dispose() => vss.Dispose();

    // Whether the writers must be told (from the start of the set), and whether snapshots may be there (from their making).
    [Theory]
    [InlineData("InitializeForBackup", "begin a backup", false, false)]
    [InlineData("SetContext", "set the kind of snapshot", false, false)]
    [InlineData("SetBackupState", "set the kind of backup", false, false)]
    [InlineData("GatherWriterMetadata", "ask its writers what they have", false, false)]
    [InlineData("GatherWriterMetadata.async", "ask its writers what they have", false, false)]
    [InlineData("GatherWriterMetadata.Wait", "ask its writers what they have", false, false)]
    [InlineData("GatherWriterMetadata.QueryStatus", "ask its writers what they have", false, false)]
    [InlineData("GetWriterMetadataCount", "ask its writers what they have", false, false)]
    [InlineData("GetWriterMetadata", "ask its writers what they have", false, false)]
    [InlineData("GetIdentity", "ask its writers what they have", false, false)]
    [InlineData("IsVolumeSupported", @"tell whether it supports C:\", false, false)]
    [InlineData("StartSnapshotSet", "begin a set of snapshots", false, false)]
    [InlineData("AddToSnapshotSet", @"add C:\ to the set of snapshots", true, false)]
    [InlineData("PrepareForBackup", "prepare its writers for the backup", true, false)]
    [InlineData("PrepareForBackup.async", "prepare its writers for the backup", true, false)]
    [InlineData("GatherWriterStatus", "ask its writers for their state", true, false)]
    [InlineData("GatherWriterStatus.async", "ask its writers for their state", true, false)]
    [InlineData("GetWriterStatusCount", "ask its writers for their state", true, false)]
    [InlineData("GetWriterStatus", "ask its writers for their state", true, false)]
    [InlineData("DoSnapshotSet", "make the snapshots", true, true)]
    [InlineData("DoSnapshotSet.async", "make the snapshots", true, true)]
    [InlineData("DoSnapshotSet.Wait", "make the snapshots", true, true)]
    [InlineData("GetSnapshotProperties", @"tell where the snapshot of C:\ is", true, true)]
    public void A_step_that_fails_is_named_and_cleaned_up(string step, string what, bool aborted, bool deleted)
    {
        Standin.Set("FAIL", $"{step}=8004231F");
        var observer = new RecordingObserver();
        var failure = Assert.IsType<VssException>(Assert.ThrowsAny<TidemarkException>(() => vss.Hold(observer: observer)));
        Assert.StartsWith($"VSS couldn't {what}: there is too little space", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("(VSS_E_INSUFFICIENT_STORAGE, 0x8004231F)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(unchecked((int)0x8004231F), failure.Code);
        Assert.Equal(aborted, vss.Steps.Contains("AbortBackup"));
        Assert.Equal(deleted, vss.Steps.Contains("DeleteSnapshots"));
        Assert.Empty(observer.Warnings);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_backup_that_cannot_begin_leaves_nothing()
    {
        Standin.Set("FAIL", "CreateVssBackupComponents=80070005");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold());
        Assert.Contains("Run as an administrator", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["CreateVssBackupComponents"], vss.Calls);
    }

    [Fact]
    public void A_library_that_does_nothing_is_no_vss()
    {
        Standin.Set("FAIL", "CreateVssBackupComponents=80004001");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold());
        Assert.Contains("no Volume Shadow Copy Service", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Advice.NoSnapshot, failure.Advice);
    }

    [Fact]
    public void A_library_that_is_not_there_is_no_vss()
    {
        var provider = new VssSnapshotProvider(VssBackupType.Copy, TimeProvider.System, vss.Library + ".missing");
        var failure = Assert.ThrowsAny<TidemarkException>(() => provider.Hold([@"C:\"], new RecordingObserver(), default));
        Assert.Contains("no Volume Shadow Copy Service", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_no_provider_supports_is_refused_before_a_set_is_begun()
    {
        Standin.Set("UNSUPPORTED", @"D:\");
        var failure = Assert.Throws<TidemarkException>(() => vss.Hold([@"C:\", @"D:\"]));
        Assert.Equal(TidemarkError.WrongUse, failure.Error);
        Assert.StartsWith(@"VSS can't make a snapshot of D:\:", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("StartSnapshotSet", vss.Steps);
        Assert.DoesNotContain("AbortBackup", vss.Steps);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_snapshot_without_a_device_is_a_failure()
    {
        Standin.Set("DEVICES", @"\\.\X:");
        var failure = Assert.ThrowsAny<TidemarkException>(() => vss.Hold([@"C:\", @"D:\"]));
        Assert.Contains(@"snapshot of D:\ and has no device", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["AbortBackup", "DeleteSnapshots", "Release"], vss.Steps[^3..]);
        vss.AssertCleanEnd();
    }

    [Theory]
    [InlineData("BackupComplete")]
    [InlineData("BackupComplete.async")]
    public void Writers_that_cannot_be_told_of_a_good_end_are_told_of_a_bad_one(string step)
    {
        var set = vss.Hold();
        Standin.Set("FAIL", $"{step}=80042318");
        var failure = Assert.ThrowsAny<TidemarkException>(() => set.Complete(default));
        Assert.StartsWith("VSS couldn't tell its writers that the backup is complete:", failure.Message, StringComparison.Ordinal);
        set.Dispose();
        Assert.Equal(["AbortBackup", "DeleteSnapshots", "Release"], vss.Steps[^3..]);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void Snapshots_that_cannot_be_deleted_are_told_of()
    {
        Standin.Set("FAIL", "DeleteSnapshots=80042302;AbortBackup=80042302");
        var observer = new RecordingObserver();
        vss.Hold(observer: observer).Dispose();
        Assert.Equal(2, observer.Warnings.Count);
        Assert.Contains("couldn't tell its writers that the backup failed", observer.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("couldn't delete the snapshots of set {05e70000-1111-2222-0102-030405060708}", observer.Warnings[1], StringComparison.Ordinal);
        Assert.Contains("vssadmin list shadows", observer.Warnings[1], StringComparison.Ordinal);
        // Given back all the same, which is what makes VSS delete them.
        Assert.EndsWith("snapshots=left", vss.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_that_is_not_documented_has_its_number()
    {
        var number = 0x8004AB12.ToString("X8", CultureInfo.InvariantCulture);
        Standin.Set("FAIL", $"PrepareForBackup.async={number}");
        Assert.Contains($"0x{number}", Assert.ThrowsAny<TidemarkException>(() => vss.Hold()).Message, StringComparison.Ordinal);
        vss.AssertCleanEnd();
    }
}
