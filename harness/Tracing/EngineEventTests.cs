using System.Diagnostics.Tracing;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Tracing;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Tracing;

/// <summary>The events of real runs say what the runs say of themselves.</summary>
[DiffersBySystem]
[Collection(ListeningTests.Name)]
public sealed class EngineEventTests : IDisposable
{
    private const int BlockSize = 4096;

    private readonly TempFolder folder = new("events");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_full_image_is_told_from_the_first_read_to_the_commit()
    {
        var source = CommandLine.Cli.Noise(folder, "source", (5 << 20) + 1000);
        using var heard = new EngineListener();
        var result = Run(source, Codec.Zstd);

        var submitted = heard.Named("ReadSubmitted");
        var reaped = heard.Named("ReadReaped");
        Assert.Equal(result.ReadBytes, reaped.Sum(e => e.Number("length")));
        Assert.Equal(submitted.Select(e => (e.Number("offset"), e.Number("length"))).Order(), reaped.Select(e => (e.Number("offset"), e.Number("length"))).Order());
        Assert.All(reaped, e => Assert.Equal(0, e.Number("error")));
        Assert.All(submitted, e => Assert.InRange(e.Number("depth"), 1, 16));
        Assert.Equal(0, reaped[^1].Number("depth"));

        // The last block reaches past the end and is hashed by itself.
        var whole = result.ReadBytes / BlockSize;
        Assert.Equal(whole, heard.Named("BlocksHashed").Sum(e => e.Number("count")));
        Assert.Equal(whole, heard.Named("BlocksCompared").Sum(e => e.Number("changed")));
        var packed = heard.Named("FramePacked");
        Assert.Equal(result.ChangedBytes, packed.Sum(e => e.Number("plainBytes")));
        Assert.Equal(Enumerable.Range(0, packed.Count).Select(i => (long)i), packed.Select(e => e.Number("ordinal")).Order());
        Assert.All(packed, e => Assert.True(e.Number("nanoseconds") > 0 && e.Number("storedBytes") > 0));

        Assert.Equal(result.StoredBytes, heard.Named("StoreWriteSubmitted").Sum(e => e.Number("length")));
        Assert.Equal(result.StoredBytes, heard.Named("StoreWriteReaped").Sum(e => e.Number("length")));
        var committed = Assert.Single(heard.Named("ImageCommitted"));
        Assert.Equal((result.Sequence, result.StoredBytes, result.ChangedBlocks, (long)packed.Count),
            (committed.Number("sequence"), committed.Number("storedBytes"), committed.Number("changedBlocks"), committed.Number("frames")));
        RequireRun(heard, "backup", source, completed: 1);
    }

    [Fact]
    public void An_increment_tells_how_many_blocks_of_each_transfer_changed()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 6 << 20);
        Run(source, Codec.None);
        CommandLine.Cli.Overwrite(source, 2 << 20, 3 * BlockSize, 2);
        using var heard = new EngineListener();
        var result = Run(source, Codec.None);
        var changed = heard.Named("BlocksCompared").Where(e => e.Number("changed") > 0).ToList();
        var only = Assert.Single(changed);
        Assert.Equal(3, only.Number("changed"));
        Assert.InRange((2 << 20) / BlockSize, only.Number("firstBlock"), only.Number("firstBlock") + only.Number("count") - 1);
        Assert.Equal(3, result.ChangedBlocks);
        Assert.Equal(0, Assert.Single(heard.Named("FramePacked")).Number("codec"));
    }

    [Fact]
    public void A_restore_and_a_verification_tell_what_they_read_and_write()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 5 << 20);
        var chain = Run(source, Codec.Lz4).Chain;
        using (var heard = new EngineListener())
        {
            var result = Restore.Run(new RestoreRequest { Image = ImageAddress.Parse(chain), Target = TargetLocation.Parse(folder.At("target")) }, NoObserver.Instance, default);
            Assert.Equal(result.WrittenBytes, heard.Named("TargetWriteSubmitted").Sum(e => e.Number("length")));
            Assert.Equal(result.WrittenBytes, heard.Named("TargetWriteReaped").Sum(e => e.Number("length")));
            Assert.Equal(result.SourceBytes / BlockSize, heard.Named("WindowFilled").Sum(e => e.Number("count")));
            Assert.Equal(5 << 20, heard.Named("FrameDecoded").DistinctBy(e => e.Number("offset")).Sum(e => e.Number("plainBytes")));
            Assert.NotEmpty(heard.Named("StoreRead"));
            Assert.Contains(heard.Named("StageStart"), e => e.Text("stage") == "fill");
            RequireRun(heard, "restore", chain, completed: 1);
        }

        using (var heard = new EngineListener())
        {
            Verify.Run(new VerifyRequest { Subject = ImageAddress.Parse(chain), Depth = VerifyDepth.Deep }, NoObserver.Instance);
            Assert.NotEqual(0, heard.Named("FramesProven").Sum(e => e.Number("frames")));
            Assert.Contains(heard.Named("Waited"), e => e.Text("stage") == "prove" && e.Text("side") == "input");
            RequireRun(heard, "verify", chain, completed: 1);
        }
    }

    [Fact]
    public void A_run_that_fails_says_so()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 1 << 20);
        var chain = Run(source, Codec.None).Chain;
        using var heard = new EngineListener();
        Assert.Throws<TidemarkException>(() =>
            Restore.Run(new RestoreRequest { Image = ImageAddress.Parse(chain), Target = TargetLocation.Parse(source) }, NoObserver.Instance, default));
        RequireRun(heard, "restore", chain, completed: 0);
    }

    [Fact]
    public void Informational_events_are_few_and_keywords_choose()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 16 << 20);
        using (var heard = new EngineListener(EventLevel.Informational))
        {
            Run(source, Codec.None);
            Assert.InRange(heard.Events.Count, 5, 30);
            Assert.All(heard.Events, e => Assert.True(e.Level <= EventLevel.Informational));
        }

        using (var heard = new EngineListener(EventLevel.Verbose, EngineEventSource.Keywords.Transfers))
        {
            Run(source, Codec.None);
            Assert.NotEmpty(heard.Named("ReadReaped"));
            Assert.All(heard.Events, e => Assert.True((e.Keywords & EngineEventSource.Keywords.Transfers) != 0));
        }
    }

    [Fact]
    public void The_manifest_that_tools_decode_by_is_complete_and_without_errors()
    {
        var manifest = EventSource.GenerateManifest(
            typeof(EngineEventSource), "Tidemark.Engine.dll", EventManifestOptions.Strict | EventManifestOptions.AllowEventSourceOverride);
        Assert.NotNull(manifest);
        foreach (var name in new[] { "ReadSubmitted", "Waited", "FramePacked", "ImageCommitted" })
        {
            Assert.Contains(name, manifest, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_id_that_profiles_and_the_page_on_tracing_name_is_the_providers()
    {
        var id = EventSource.GetGuid(typeof(EngineEventSource)).ToString();
        Assert.Equal(EngineTracing.ProviderName, EventSource.GetName(typeof(EngineEventSource)));
        foreach (var file in new[] { "engine/docs/tracing.md", "bench/TraceReport/tidemark.wprp" })
        {
            Assert.Contains(id, File.ReadAllText(Repository.PathOf(file)), StringComparison.Ordinal);
        }
    }

    private static void RequireRun(EngineListener heard, string operation, string subject, long completed)
    {
        var start = Assert.Single(heard.Named("RunStart"));
        Assert.Equal((operation, subject), (start.Text("operation"), start.Text("subject")));
        var stop = Assert.Single(heard.Named("RunStop"));
        Assert.Equal((operation, completed), (stop.Text("operation"), stop.Number("completed")));
        Assert.True(stop.Number("nanoseconds") > 0);
        Assert.Equal(heard.Events[^1], stop);

        // Every stage that is entered is left, thread by thread.
        Assert.Equal(
            heard.Named("StageStart").Select(e => (e.Thread, e.Text("stage"))).Order(),
            heard.Named("StageStop").Select(e => (e.Thread, e.Text("stage"))).Order());
    }

    private BackupResult Run(string source, Codec codec) => Backup.Run(
        new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(folder.At("store")), Codec = codec }, NoObserver.Instance);
}
