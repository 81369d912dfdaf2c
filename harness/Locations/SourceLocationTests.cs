using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Progress;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Locations;

/// <summary>What can be imaged, as the engine takes it from whoever embeds it.</summary>
[DiffersBySystem]
public sealed class SourceLocationTests : IDisposable
{
    private readonly TempFolder folder = new("sources");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("-", "standard input")]
    [InlineData("s3://bucket/disk", "isn't supported")]
    [InlineData("https://host/disk.img", "isn't supported")]
    [InlineData("nbds://host/", "TLS")]
    public void What_cannot_be_a_source_is_refused_before_anything_is_opened(string text, string reason)
    {
        var refused = Assert.Throws<TidemarkException>(() => SourceLocation.Parse(text));
        Assert.Equal(TidemarkError.WrongUse, refused.Error);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_has_no_format() =>
        Assert.Throws<TidemarkException>(() => SourceLocation.Parse("nbd://localhost/disk", SourceFormat.Vhdx));

    [Fact]
    public void A_volume_of_Windows_can_be_held_and_a_disk_is_known_for_one()
    {
        var volume = WindowsSource.OfName("c:")!;
        Assert.Equal((@"C:\", "C"), (volume.Candidate!.Value.Device!.Value.Root, volume.ShortName));
        var disk = WindowsSource.OfName(@"\\.\PhysicalDrive1")!;
        Assert.True(disk.Candidate!.Value.IsDisk);
        Assert.Equal("PhysicalDrive1", disk.ShortName);
        Assert.Null(WindowsSource.OfName(@"C:\disk.vhdx"));
        Assert.True(WindowsSource.OfName(@"\\.\d:")!.IsSame(WindowsSource.OfName(@"\\.\D:")!));
        Assert.False(WindowsSource.OfName(@"\\.\D:")!.IsSame(WindowsSource.OfName(@"\\.\F:")!));
    }

    [Fact]
    public void An_export_and_a_file_are_never_one_source()
    {
        var export = SourceLocation.Parse("nbd://localhost/disk");
        Assert.True(export.IsSame(SourceLocation.Parse("nbd://localhost:10809/disk")));
        Assert.False(export.IsSame(SourceLocation.Parse("nbd://localhost/other")));
        Assert.False(export.IsSame(SourceLocation.Parse("disk")));
        Assert.Null(export.Candidate);
        Assert.False(export.Holds(StoreLocation.Parse(folder)));
    }

    [Fact]
    public void One_source_by_two_paths_is_imaged_once()
    {
        OnlyOn.Linux();
        var disk = TestCli.Noise(folder, "disk", 100_000);
        File.CreateSymbolicLink(folder.At("link"), disk);
        SourceLocation[] sources = [SourceLocation.Parse(disk), SourceLocation.Parse(folder.At("link"))];
        var request = new BackupRequest { Source = sources[0], Store = StoreLocation.Parse(folder.At("store")) };
        var refused = Assert.Throws<TidemarkException>(() => BackupSet.Run(sources, request, _ => { }, NoObserver.Instance));
        Assert.Contains("one and the same", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("store")));
    }

    [Fact]
    public void A_target_is_a_file_a_stream_or_an_export()
    {
        Assert.Equal(folder.At("t"), TargetLocation.Parse(folder.At("t")).LocalPath);
        Assert.Equal((null, 1), (TargetLocation.Parse("-").LocalPath, TargetLocation.Parse("-").Descriptor));
        Assert.True(TargetLocation.IsStream("-"));
        Assert.False(TargetLocation.IsStream("./-"));
        var export = TargetLocation.Parse("nbd://localhost/disk");
        Assert.Equal((null, "disk"), (export.LocalPath, export.Export!.Export));
        Assert.Throws<TidemarkException>(() => TargetLocation.Parse("ftp://host/disk"));
    }
}
