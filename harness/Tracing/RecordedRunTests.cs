using System.Diagnostics;
using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Tidemark.Bench.TraceReport;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using Run = Tidemark.Bench.TraceReport.Run;
using Trace = Tidemark.Bench.TraceReport.Trace;

namespace Tidemark.Harness.Tracing;

/// <summary>
/// <c>--trace</c> of the real program, native where TIDEMARK_EXE names it: the file is whole however the run ends, and
/// what the report adds up is what the run says of itself.
/// </summary>
[DiffersBySystem]
public sealed class RecordedRunTests : IDisposable
{
    private readonly TempFolder folder;

    public RecordedRunTests()
    {
        // The reader of traces asks Windows' own decoder of events (tdh.dll) for what it doesn't know. Skipped before the
        // folder is made: nobody disposes a test that wasn't constructed.
        Wine.Lacks("the decoder of events that the reader of traces uses");
        folder = new TempFolder("trace");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_recorded_backup_adds_up()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 20_000_000);
        var result = CommandLine.Cli.Backup(source, folder.At("store"), "--trace", folder.At("full.nettrace"));
        var run = Only("full.nettrace", "backup");
        Assert.Equal(source, run.Subject);
        Assert.Equal(result.Number("readBytes"), run.SourceReads.Bytes);
        Assert.Equal(result.Number("storedBytes"), run.StoreWrites.Bytes);
        Assert.Equal(result.Number("changedBytes"), run.Packed.Values.Sum(p => p.Plain));
        Assert.Equal(0, run.SourceReads.Errors);
        Assert.InRange(run.SourceReads.MeanDepth, 0.1, 16);
        Assert.Contains(result.Text("reader"), Assert.Single(run.Queues), StringComparison.Ordinal);
        Assert.Equal(["commit", "pack", "prepare", "scan", "write"], run.Stages.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("device, read,", Verdict.Of(run), StringComparison.Ordinal);
        RequireTimesFit(run);

        // An increment reads as much and packs what changed.
        CommandLine.Cli.Overwrite(source, 8192, 4096, 2);
        var second = CommandLine.Cli.Backup(source, folder.At("store"), "--trace", folder.At("second.nettrace"));
        run = Only("second.nettrace", "backup");
        Assert.Equal(second.Number("readBytes"), run.SourceReads.Bytes);
        Assert.Equal(1, run.ChangedBlocks);
        Assert.Equal(4096, run.Packed.Values.Sum(p => p.Plain));
    }

    [Fact]
    public void A_recorded_restore_and_a_recorded_verification_add_up()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 20_000_000);
        var chain = CommandLine.Cli.Backup(source, folder.At("store")).Text("chain");
        var restored = TidemarkCli.Run("restore", chain, folder.At("target"), "--trace", folder.At("r.nettrace"), "--json").Succeeded().Result;
        var run = Only("r.nettrace", "restore");
        Assert.Equal(restored.Number("writtenBytes"), run.TargetWrites.Bytes);
        Assert.True(run.DecodedFrames > 0 && run.StoreReads.Bytes >= restored.Number("writtenBytes"), "frames of noise are stored as they are");
        RequireTimesFit(run);

        var verified = TidemarkCli.Run("verify", chain, "--trace", folder.At("v.nettrace"), "--json").Succeeded().Result;
        run = Only("v.nettrace", "verify");
        Assert.InRange(run.StoreReads.Bytes, verified.Number("checkedBytes") * 9 / 10, verified.Number("checkedBytes") * 11 / 10);
        Assert.True(run.ProvenFrames > 0);
        RequireTimesFit(run);
    }

    [Fact]
    public void Exports_imports_repairs_and_healings_are_recorded_too()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 5_000_000);
        var chain = CommandLine.Cli.Backup(source, folder.At("store")).Text("chain");
        var exported = TidemarkCli.Run(
            "export", chain, folder.At("disk.vhdx"), "--trace", folder.At("e.nettrace"), "--json").Succeeded().Result;
        var run = Only("e.nettrace", "export", completed: true);
        Assert.True(run.DecodedFrames > 0 && run.TargetWrites.Bytes >= exported.Number("writtenBytes"));
        var image = TidemarkCli.Run(
            "import", folder.At("disk.vhdx"), "--to", folder.At("imported"), "--trace", folder.At("i.nettrace"), "--json").Succeeded()
            .Result.GetProperty("images")[0];
        run = Only("i.nettrace", "import", completed: true);
        Assert.Equal(image.Number("changedBytes"), run.Packed.Values.Sum(p => p.Plain));
        TidemarkCli.Run("repair", chain, "--trace", folder.At("r.nettrace")).Succeeded();
        Assert.True(Only("r.nettrace", "repair", completed: true).StoreReads.Bytes > 5_000_000);
        TidemarkCli.Run("heal", chain, "--from", source, "--trace", folder.At("h.nettrace")).Succeeded();
        Assert.True(Only("h.nettrace", "heal", completed: true).ProvenFrames > 0);
    }

    [Fact]
    public void What_holds_a_run_to_a_rate_is_no_work()
    {
        // Nearly three seconds at this rate, of which even a busy machine works only a part.
        var source = CommandLine.Cli.Noise(folder, "source", 6_000_000);
        var chain = CommandLine.Cli.Backup(source, folder.At("store"), "--max-rate", "2M", "--trace", folder.At("b.nettrace")).Text("chain");
        var run = Only("b.nettrace", "backup");
        var scan = run.Stages.Single(s => s.Name == "scan");
        Assert.True(scan.RateWait > 0.3e9, $"only {scan.RateWait} ns were waited");
        Assert.Contains("The rate that was asked for", Verdict.Of(run), StringComparison.Ordinal);
        RequireTimesFit(run);
        TidemarkCli.Run("verify", chain, "--max-rate", "2M", "--trace", folder.At("v.nettrace")).Succeeded();
        run = Only("v.nettrace", "verify");
        Assert.True(run.Stages.Sum(s => s.RateWait) > 0.3e9);
        RequireTimesFit(run);
    }

    [Fact]
    public void A_run_that_fails_leaves_a_whole_file()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 1_000_000);
        var chain = CommandLine.Cli.Backup(source, folder.At("store")).Text("chain");
        TidemarkCli.Run("restore", chain, source, "--trace", folder.At("t.nettrace"), "--json").Refused(CommandLine.Cli.WrongUse, "wrongUse");
        Assert.False(Only("t.nettrace", "restore").Completed);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_run_that_is_interrupted_leaves_a_whole_file(string signal)
    {
        Tool.Require("kill");
        using var process = StartSlow("--trace", folder.At("t.nettrace"));
        Interrupt(process, signal);
        var run = Only("t.nettrace", "backup");
        Assert.False(run.Completed);
        Assert.True(run.SourceReads.Count > 0);
    }

    [Fact]
    public void What_programs_read_is_the_same_with_a_trace()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 3_000_000);
        var plain = TidemarkCli.Run("backup", source, "--to", folder.At("a"), "--json").Succeeded();
        var traced = TidemarkCli.Run("backup", source, "--to", folder.At("b"), "--json", "--trace", folder.At("t.nettrace")).Succeeded();
        Assert.Empty(traced.Error);
        Assert.Equal(Shape(plain), Shape(traced));
        Assert.Empty(TidemarkCli.Run("backup", source, "--to", folder.At("c"), "--trace", folder.At("u.nettrace")).Succeeded().Error);

        static IEnumerable<string> Shape(CliResult result) => result.Events.Where(e => e.Text("event") != "progress")
            .Select(e => string.Join(' ', e.EnumerateObject().Select(p => p.Name)));
    }

    [Fact]
    public void A_file_that_is_there_is_not_overwritten_and_nothing_is_run()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 1_000_000);
        var before = FileTree.Hash(source);
        TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--trace", source, "--json").Refused(CommandLine.Cli.WrongUse, "wrongUse");
        Assert.Equal(before, FileTree.Hash(source));
        Assert.False(Directory.Exists(folder.At("store")));
    }

    [Fact]
    public void Without_the_runtimes_port_the_run_is_refused_with_what_to_do()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 1_000_000);
        var without = new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics"] = "0" };
        var message = TidemarkCli.Run(["backup", source, "--to", folder.At("store"), "--trace", folder.At("t.nettrace"), "--json"], without)
            .Refused(CommandLine.Cli.Failed, "failed");
        Assert.Contains("DOTNET_EnableDiagnostics", message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.At("t.nettrace")));
        TidemarkCli.Run(["backup", source, "--to", folder.At("store"), "--json"], without).Succeeded();
    }

    [Fact]
    public void The_runtimes_own_variables_record_as_well()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 5_000_000);
        var result = TidemarkCli.Run(
            ["backup", source, "--to", folder.At("store"), "--json"],
            new Dictionary<string, string?>
            {
                ["DOTNET_EnableEventPipe"] = "1",
                ["DOTNET_EventPipeConfig"] = "Tidemark-Engine:0x1f:5",
                ["DOTNET_EventPipeOutputPath"] = folder.At("t.nettrace"),
            }).Succeeded().Result;
        Assert.Equal(result.Number("readBytes"), Only("t.nettrace", "backup", completed: true).SourceReads.Bytes);
    }

    [Fact]
    public void A_recorder_outside_hears_a_run_that_is_under_way()
    {
        Tool.Require("kill");
        using var process = StartSlow();
        var provider = new EventPipeProvider("Tidemark-Engine", EventLevel.Verbose, (long)EventKeywords.All);
        using (var session = new DiagnosticsClient(process.Id).StartEventPipeSession(provider, requestRundown: false))
        using (var file = File.Create(folder.At("t.nettrace")))
        {
            var copier = new Thread(() => session.EventStream.CopyTo(file));
            copier.Start();

            // More than the descriptions of the events: some of them have come.
            Assert.True(SpinWait.SpinUntil(() => new FileInfo(file.Name).Length > 8192, Patience.Limit), "no events come");
            session.Stop();
            copier.Join();
        }

        Interrupt(process, "INT");
        var trace = Trace.Read(folder.At("t.nettrace"));
        Assert.Null(trace.CutOff);
        var run = Assert.Single(trace.Runs);
        Assert.Null(run.Completed);
        Assert.NotEmpty(run.Stages);
        Assert.True(run.SourceReads.Bytes > 0);
    }

    /// <summary>A backup with the slowest compression there is, which has begun to read.</summary>
    private Process StartSlow(params string[] more)
    {
        var source = CommandLine.Cli.Noise(folder, "source", 64 << 20);
        var (program, leading) = TidemarkCli.Command;
        var process = Process.Start(new ProcessStartInfo(
            program,
            [
                .. leading, "backup", source, "--to", folder.At("store"), "--json", "--level", "19", "--queue-depth", "1",
                "--request-size", "64K", .. more,
            ])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.NotNull(process.StandardOutput.ReadLine());
        return process;
    }

    private static void Interrupt(Process process, string signal)
    {
        Tool.Run("kill", "-s", signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit), "the program goes on");
        Assert.Equal(CommandLine.Cli.Interrupted, process.ExitCode);
    }

    private Run Only(string name, string operation, bool? completed = null)
    {
        var trace = Trace.Read(folder.At(name));
        Assert.Null(trace.CutOff);
        Assert.Equal(0, trace.EventsLost);
        var run = Assert.Single(trace.Runs);
        Assert.Equal(operation, run.Operation);
        Assert.NotNull(run.Completed);
        Assert.True(completed is null || run.Completed == completed);
        return run;
    }

    private static void RequireTimesFit(Run run)
    {
        Assert.True(run.Completed);
        foreach (var stage in run.Stages)
        {
            // Durations are measured on either side of a wait, so they fit but for the clock's own steps.
            Assert.InRange(stage.InputWait + stage.OutputWait + stage.RateWait, 0, (stage.Total * 1.001) + 100_000);
            // And a thread may lose its processor between the end of its stage and the end of the run, or the reverse.
            Assert.InRange(stage.Total, 0, (stage.Threads * run.Duration * 1.001) + 1_000_000);
        }
    }
}
