using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Snapshots;
using Tidemark.Harness.Support;
using Tidemark.Harness.Vss;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Backups of sources that something holds still: what is read, what is recorded, and how it ends.</summary>
[DiffersBySystem]
public sealed class HeldBackupTests : IDisposable
{
    private readonly TempFolder folder = new("held");
    private readonly RecordingObserver observer = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_snapshot_is_read_and_recorded_and_the_source_is_what_it_was()
    {
        var source = Cli.Noise(folder, "c.vol", 300_000);
        var then = FileTree.Hash(source);
        var provider = new CopyingProvider { Held = () => Cli.Overwrite(source, 100_000, 5_000, 9) };
        var first = Run(source, provider);
        Assert.Equal(["hold c.vol", "complete", "delete"], provider.Calls);
        Assert.Contains("Copied.", first.Notes);

        TidemarkCli.Run("restore", first.Chain, folder.At("target")).Succeeded();
        Assert.Equal(then, FileTree.Hash(folder.At("target")));
        Assert.NotEqual(then, FileTree.Hash(source));

        var shown = TidemarkCli.Run("show", first.Chain, "--json").Succeeded().Result;
        Assert.Equal(("copy", "c.vol"), (shown.Text("snapshot"), shown.Text("snapshotId")));
        Assert.Equal(CopyingProvider.Time.UtcDateTime, shown.GetProperty("snapshotTime").GetDateTime());
        Assert.Contains(LocalTime.Text(CopyingProvider.Time), TidemarkCli.Run("show", first.Chain).Succeeded().Output, StringComparison.Ordinal);

        // The same source without a snapshot: the same chain, and an image that says so.
        var second = Backup.Run(Request(source), observer);
        Assert.Equal((first.Chain, 2L), (second.Chain, second.Sequence));
        shown = TidemarkCli.Run("show", first.Chain, "--json").Succeeded().Result;
        Assert.Equal("none", shown.Text("snapshot"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, shown.GetProperty("snapshotId").ValueKind);
    }

    [Fact]
    public void Several_volumes_are_held_at_once_and_each_has_its_chain()
    {
        string[] sources = [Cli.Noise(folder, "c.vol", 100_000), Cli.Noise(folder, "file", 100_000, 2), Cli.Noise(folder, "d.vol", 100_000, 3)];
        var hashes = sources.Select(FileTree.Hash).ToArray();
        var provider = new CopyingProvider { Held = () => Cli.Overwrite(sources[2], 0, 5_000, 9) };
        var done = new List<string>();
        var result = Run(sources, provider, image => done.Add(image.Source));
        Assert.Equal(["hold c.vol d.vol", "complete", "delete"], provider.Calls);
        Assert.Equal(sources, done);
        Assert.Equal(3, result.Images.Select(i => i.Chain).Distinct().Count());
        Assert.Equal("Copied.", Assert.Single(result.Notes));
        for (var i = 0; i < sources.Length; i++)
        {
            TidemarkCli.Run("restore", result.Images[i].Chain, folder.At($"target{i}")).Succeeded();
            Assert.Equal(hashes[i], FileTree.Hash(folder.At($"target{i}")));
        }
    }

    [Fact]
    public void A_volume_that_fails_does_not_stop_the_others_and_the_set_is_aborted()
    {
        string[] sources = [Cli.Noise(folder, "c.vol", 100_000), Cli.Noise(folder, "d.vol", 100_000, 3)];
        var provider = new CopyingProvider { Held = () => File.Delete(sources[0]) };
        var result = Run(sources, provider);
        Assert.Equal(["hold c.vol d.vol", "abort, delete"], provider.Calls);
        Assert.Equal((sources[0], TidemarkError.WrongUse), (Assert.Single(result.Failed).Source, result.Failed[0].Error));
        Assert.Equal(sources[1], Assert.Single(result.Images).Source);
        Assert.StartsWith($"{sources[0]} wasn't imaged:", Assert.Single(observer.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_with_one_id_do_not_share_a_chain_in_one_run()
    {
        Tool.Require("mkfs.ext4");
        string[] sources = [folder.Sparse("a.vol", 4 << 20), folder.At("b.vol")];
        Tool.Run("mkfs.ext4", "-q", "-F", sources[0]);
        File.Copy(sources[0], sources[1]);
        var result = Run(sources, new CopyingProvider());
        Assert.Equal((sources[0], 1L), (Assert.Single(result.Images).Source, result.Images[0].Sequence));
        var failed = Assert.Single(result.Failed);
        Assert.Equal((sources[1], TidemarkError.WrongUse), (failed.Source, failed.Error));
        Assert.StartsWith($"{sources[1]} and {sources[0]} carry the same id", failed.Message, StringComparison.Ordinal);

        // Alone it is what it always was: the chain of whoever carries the id.
        Assert.Equal(2, Backup.Run(Request(sources[1]), observer).Sequence);
    }

    [Fact]
    public void What_was_not_held_does_not_abort_what_was()
    {
        string[] sources = [Cli.Noise(folder, "plain", 100_000), Cli.Noise(folder, "d.vol", 100_000, 3)];
        var provider = new CopyingProvider { Held = () => File.Delete(sources[0]) };
        Assert.Single(Run(sources, provider).Failed);
        Assert.Equal(["hold d.vol", "complete", "delete"], provider.Calls);
    }

    [Fact]
    public void Volumes_that_cannot_be_held_are_not_imaged()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        var provider = new CopyingProvider { FailsToHold = true };
        Assert.Equal("It can't be held.", Assert.ThrowsAny<TidemarkException>(() => Run(source, provider)).Message);
        Assert.Equal(["hold c.vol"], provider.Calls);
        Assert.False(Directory.Exists(folder.At("store")));
    }

    [Fact]
    public void A_backup_that_fails_aborts_and_deletes()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        var provider = new CopyingProvider { Held = () => File.WriteAllText(folder.At("store"), "no folder") };
        Assert.ThrowsAny<Exception>(() => Run(source, provider));
        Assert.Equal(["hold c.vol", "abort, delete"], provider.Calls);
        Assert.False(File.Exists(source + ".held"));
    }

    [Fact]
    public void A_backup_that_is_cancelled_aborts_and_deletes()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        using var cancel = new CancellationTokenSource();
        var provider = new CopyingProvider { Held = cancel.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() => Backup.Run(
            Request(source), provider, observer, TimeProvider.System, SystemRandomSource.Instance, cancel.Token));
        Assert.Equal(["hold c.vol", "abort, delete"], provider.Calls);
    }

    [Fact]
    public void An_end_that_nobody_hears_leaves_the_image_and_a_note()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        var provider = new CopyingProvider { FailsToComplete = true };
        var result = Run(source, provider);
        Assert.Equal("What was imaged is whole, but applications may not know of it. Nobody listens.", result.Notes[^1]);
        Assert.Equal(["hold c.vol", "complete", "abort, delete"], provider.Calls);
        TidemarkCli.Run("verify", result.Chain, "--deep", "--against", source).Succeeded();
    }

    [Fact]
    [Case("4.16")]
    public void A_cancellation_after_the_commit_leaves_the_image_and_tells_of_it()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        using var cancel = new CancellationTokenSource();
        var provider = new CopyingProvider { Completing = cancel.Cancel };
        var result = Backup.Run(Request(source), provider, observer, TimeProvider.System, SystemRandomSource.Instance, cancel.Token);
        Assert.Contains("interrupted", result.Notes[^1], StringComparison.Ordinal);
        Assert.Equal(["hold c.vol", "complete", "abort, delete"], provider.Calls);
        TidemarkCli.Run("verify", result.Chain, "--deep", "--against", source).Succeeded();

        // Of several as well: what was committed is told, and nothing is said to have failed.
        using var again = new CancellationTokenSource();
        var set = BackupSet.Run(
            [SourceLocation.Parse(source)], Request(source), _ => { }, new CopyingProvider { Completing = again.Cancel }, observer, TimeProvider.System,
            SystemRandomSource.Instance, again.Token);
        Assert.Equal(2, Assert.Single(set.Images).Sequence);
        Assert.Contains("interrupted", set.Notes[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void None_holds_nothing_and_says_so()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        var provider = new CopyingProvider();
        Backup.Run(
            Request(source) with { Snapshot = SnapshotMode.None }, provider, observer, TimeProvider.System, SystemRandomSource.Instance, default);
        Assert.Empty(provider.Calls);
        Assert.Contains("as was asked for", Assert.Single(observer.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_vss_is_refused_where_it_cannot_be()
    {
        var file = Cli.Noise(folder, "file", 100_000);
        foreach (var (source, provider, words) in new (string, SnapshotProvider?, string)[]
            { (file, null, "VSS is a part of Windows"), (file, new CopyingProvider(), "isn't a volume"), (@"\\.\PhysicalDrive0", new CopyingProvider(), "is a whole disk") })
        {
            var refused = Assert.Throws<TidemarkException>(() => Backup.Run(
                Request(source) with { Source = WindowsSource.OfName(source) ?? SourceLocation.Parse(source), Snapshot = SnapshotMode.Vss }, provider, observer, TimeProvider.System, SystemRandomSource.Instance, default));
            Assert.Equal(TidemarkError.WrongUse, refused.Error);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_whole_disk_is_not_held_and_that_is_said()
    {
        var disk = WindowsSource.OfName(@"\\.\PhysicalDrive0")!;
        using var held = HeldSources.Hold([disk], SnapshotMode.Auto, new CopyingProvider(), observer, default);
        Assert.Null(held.Of(disk));
        Assert.Contains("is a whole disk", Assert.Single(observer.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_are_named_once_and_chains_not_at_all()
    {
        var source = Cli.Noise(folder, "c.vol", 100_000);
        Assert.Throws<TidemarkException>(() => Run([source, source], new CopyingProvider()));
        var named = Request(source) with { Chain = "daily" };
        Assert.Throws<TidemarkException>(() => BackupSet.Run([SourceLocation.Parse(source), SourceLocation.Parse(folder.At("d"))], named, _ => { }, observer));
        Assert.Throws<TidemarkException>(() => BackupSet.Run([SourceLocation.Parse(source), SourceLocation.Parse(folder.At("d"))], Request(source) with { Adopt = true }, _ => { }, observer));
    }

    [Fact]
    public void On_a_system_without_vss_the_command_line_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has VSS.");
        var source = Cli.Noise(folder, "file", 100_000);
        var message = TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--snapshot", "vss", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("VSS is a part of Windows", message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--snapshot", "none", "--json").Succeeded().Events,
            e => e.Text("event") == "warning");
    }

    private BackupRequest Request(string source) => new() { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(folder.At("store")) };

    private BackupResult Run(string source, SnapshotProvider provider) =>
        Backup.Run(Request(source), provider, observer, TimeProvider.System, SystemRandomSource.Instance, default);

    private BackupSetResult Run(string[] sources, SnapshotProvider provider, Action<BackupResult>? done = null) => BackupSet.Run(
        [.. sources.Select(source => SourceLocation.Parse(source))], Request(sources[0]), done ?? (_ => { }), provider, observer, TimeProvider.System, SystemRandomSource.Instance, default);
}
