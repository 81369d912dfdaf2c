using Tidemark.Engine.Snapshots;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>A run in which nothing fails: every call, its arguments and its place, as the binary interface carries them.</summary>
[DiffersBySystem]
[Collection(StandinTests.Name)]
public sealed class GoodRunTests : IDisposable
{
    private const string NoProvider = "00000000-0000-0000-0000-000000000000";

    private readonly Standin vss = new();

    public void Dispose() => vss.Dispose();

    [Fact]
    public void Two_volumes_go_into_one_set_in_the_documented_order()
    {
        string[] status =
        [
            "GatherWriterStatus", "GatherWriterStatus.Release", "GetWriterStatusCount", "GetWriterStatus 0", "GetWriterStatus 1", "FreeWriterStatus",
        ];
        const string Volume = @"\\?\Volume{0a1b2c3d-0001-0002-0003-000000000004}\";
        using (var set = vss.Hold([@"C:\", Volume]))
        {
            Assert.Equal([@"C:\", Volume], set.Snapshots.Select(s => s.Volume));
            Assert.Equal([@"\\.\X:", @"\\.\Y:"], set.Snapshots.Select(s => s.DevicePath));
            Assert.Equal(
                ["5a000000-1111-2222-0102-030405060708", "5a000001-1111-2222-0102-030405060708"], set.Snapshots.Select(s => s.Id));
            Assert.All(set.Snapshots, s => Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), s.Created));
            Assert.Equal("VSS writers that took part: NTDS, SqlServerWriter.", Assert.Single(set.Notes));
            set.Complete(default);
        }

        string[] expected =
        [
            "CreateVssBackupComponents",
            "InitializeForBackup null",
            "SetContext 0",
            "SetBackupState 0 1 5 0",
            "GatherWriterMetadata", "GatherWriterMetadata.Release", "GetWriterMetadataCount",
            "GetWriterMetadata 0", "GetIdentity SqlServerWriter", "GetWriterMetadata 1", "GetIdentity NTDS",
            "FreeWriterMetadata",
            $@"IsVolumeSupported {NoProvider} C:\", $"IsVolumeSupported {NoProvider} {Volume}",
            "StartSnapshotSet",
            $@"AddToSnapshotSet C:\ {NoProvider}", $"AddToSnapshotSet {Volume} {NoProvider}",
            "PrepareForBackup", "PrepareForBackup.Release",
            .. status,
            "DoSnapshotSet", "DoSnapshotSet.Release",
            .. status,
            "GetSnapshotProperties 5a000000-1111-2222-0102-030405060708", "VssFreeSnapshotProperties",
            "GetSnapshotProperties 5a000001-1111-2222-0102-030405060708", "VssFreeSnapshotProperties",
            "BackupComplete", "BackupComplete.Release",
            .. status,
            "DeleteSnapshots set 2 1",
            "Release asyncs=0 metadata=0 properties=0 snapshots=none",
        ];
        Assert.Equal(expected, vss.Calls);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_full_backup_is_told_as_such()
    {
        vss.Hold(type: VssBackupType.Full).Dispose();
        Assert.Contains("SetBackupState 0 1 1 0", vss.Calls);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void Operations_that_take_a_while_are_waited_for()
    {
        Standin.Set("PENDING", "GatherWriterMetadata=300;PrepareForBackup=300;DoSnapshotSet=300;GatherWriterStatus=50;BackupComplete=300");
        using (var set = vss.Hold())
        {
            set.Complete(default);
        }

        Assert.DoesNotContain(vss.Calls, call => call.EndsWith(".Cancel", StringComparison.Ordinal));
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_set_that_is_not_complete_is_aborted_and_deleted()
    {
        vss.Hold().Dispose();
        Assert.Equal(["AbortBackup", "DeleteSnapshots", "Release"], vss.Steps[^3..]);
        Assert.DoesNotContain("BackupComplete", vss.Steps);
        vss.AssertCleanEnd();
    }

    [Fact]
    public void A_set_is_disposed_once()
    {
        var set = vss.Hold();
        set.Dispose();
        set.Dispose();
        vss.AssertCleanEnd();
    }

    [Fact]
    public void Without_writers_a_snapshot_is_made_all_the_same()
    {
        Standin.Set("WRITERS", null);
        using (var set = vss.Hold())
        {
            Assert.Equal("No VSS writer took part.", Assert.Single(set.Notes));
        }

        vss.AssertCleanEnd();
    }
}
