using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tidemark.Bench.TraceReport;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using Run = Tidemark.Bench.TraceReport.Run;
using Trace = Tidemark.Bench.TraceReport.Trace;

namespace Tidemark.Harness.Tracing;

/// <summary>The report: its sums on events made up for it, its page, and files that aren't whole.</summary>
[DiffersBySystem]
public sealed partial class TraceReportTests : IDisposable
{
    private const double Millisecond = 1e6;

    private readonly TempFolder folder;

    public TraceReportTests()
    {
        // The reader of traces asks Windows' own decoder of events (tdh.dll) for what it doesn't know. Skipped before the
        // folder is made: nobody disposes a test that wasn't constructed.
        Wine.Lacks("the decoder of events that the reader of traces uses");
        folder = new TempFolder("report");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Busy_is_what_is_left_of_a_stage_without_its_waits()
    {
        var run = new Run(1, 0);
        run.Take(new MadeEvent(EngineEvents.StageStart, 1, 0, ("stage", "pack")));
        run.Take(new MadeEvent(EngineEvents.StageStart, 2, 10 * Millisecond, ("stage", "pack")));
        run.Take(new MadeEvent(EngineEvents.Waited, 1, 30 * Millisecond, ("stage", "pack"), ("side", "input"), ("nanoseconds", 20_000_000L)));
        run.Take(new MadeEvent(EngineEvents.Waited, 2, 50 * Millisecond, ("stage", "pack"), ("side", "output"), ("nanoseconds", 5_000_000L)));
        run.Take(new MadeEvent(EngineEvents.StageStop, 1, 100 * Millisecond, ("stage", "pack")));
        run.Take(new MadeEvent(EngineEvents.StageStop, 2, 90 * Millisecond, ("stage", "pack")));
        run.Close();
        var stage = Assert.Single(run.Stages);
        Assert.Equal(2, stage.Threads);
        Assert.Equal(180 * Millisecond, stage.Total, 1.0);
        Assert.Equal(20 * Millisecond, stage.InputWait, 1.0);
        Assert.Equal(5 * Millisecond, stage.OutputWait, 1.0);
        Assert.Equal(155 * Millisecond, stage.Busy, 1.0);
        Assert.Equal(180 * Millisecond, stage.Present.Resample(7, run.Duration).Sum(), 1.0);
    }

    [Fact]
    public void Work_is_counted_without_the_waits_in_it()
    {
        var run = new Run(1, 0);
        run.Take(new MadeEvent(EngineEvents.StageStart, 1, 0, ("stage", "scan")));
        run.Take(new MadeEvent(EngineEvents.Waited, 1, 15 * Millisecond, ("stage", "scan"), ("side", "output"), ("nanoseconds", 10_000_000L)));
        run.Take(new MadeEvent(
            EngineEvents.BlocksCompared, 1, 16 * Millisecond, ("firstBlock", 0L), ("count", 256L), ("changed", 9L), ("nanoseconds", 12_000_000L)));
        Assert.Equal(2 * Millisecond, Assert.Single(run.Stages).Parts["compare and hand on"], 1.0);
        Assert.Equal((256, 9), (run.ComparedBlocks, run.ChangedBlocks));
    }

    [Fact]
    public void A_read_whose_event_is_late_has_its_wait_counted_once()
    {
        var run = new Run(1, 0);
        run.Take(new MadeEvent(EngineEvents.StageStart, 1, 0, ("stage", "prove")));
        Read(began: 1, waited: 10, ends: 11.5, stamped: 14);
        Read(began: 14, waited: 20, ends: 34.1, stamped: 34.1);
        run.Take(new MadeEvent(EngineEvents.StageStop, 1, 40 * Millisecond, ("stage", "prove")));
        var stage = Assert.Single(run.Stages);
        Assert.Equal(30 * Millisecond, stage.RateWait, 1.0);
        Assert.Equal(0.6 * Millisecond, stage.InputWait, 1.0);
        Assert.Equal(9.4 * Millisecond, stage.Busy, 1.0);

        // In milliseconds; a wait that begins with the read.
        void Read(double began, double waited, double ends, double stamped)
        {
            run.Take(new MadeEvent(
                EngineEvents.Waited, 1, (began + waited) * Millisecond, ("stage", "prove"), ("side", "rate"), ("nanoseconds", (long)(waited * Millisecond))));
            run.Take(new MadeEvent(
                EngineEvents.StoreRead, 1, stamped * Millisecond, ("offset", 0L), ("length", 1000L), ("nanoseconds", (long)((ends - began) * Millisecond))));
        }
    }

    [Fact]
    public void Depth_and_latency_are_those_of_the_transfers()
    {
        var run = new Run(1, 0);
        Submit(0, 0, 1);
        Submit(1, 10, 2);
        Reap(0, 20, 1);
        Reap(1, 40, 0);
        var reads = run.SourceReads;
        Assert.Equal((2, 2000), (reads.Count, reads.Bytes));
        Assert.Equal(((10 * 1) + (10 * 2) + (20 * 1)) / 40.0, reads.MeanDepth, 0.001);
        Assert.Equal(2, reads.MaxDepth);
        Assert.Equal([30 * Millisecond, 20 * Millisecond], reads.SlowestFirst.Select(t => (double)t.Nanoseconds));
        Assert.Equal(1000, reads.SlowestFirst.First().Offset);
        Assert.InRange(reads.Latency.Percentile(0.5), 20 * Millisecond, 23 * Millisecond);
        Assert.Equal([1.0, 2.0, 1.0, 1.0], ReportText.DepthOver(run, reads, 4), (a, b) => Math.Abs(a - b) < 0.01);

        void Submit(long slot, double at, long depth) => run.Take(new MadeEvent(
            EngineEvents.ReadSubmitted, 1, at * Millisecond, ("slot", slot), ("offset", slot * 1000), ("length", 1000L), ("depth", depth)));
        void Reap(long slot, double at, long depth) => run.Take(new MadeEvent(
            EngineEvents.ReadReaped, 1, at * Millisecond, ("slot", slot), ("offset", slot * 1000), ("length", 1000L), ("error", 0L), ("depth", depth)));
    }

    [SeededProperty]
    public void What_is_spread_over_time_stays_in_sum(uint start, uint length, byte pieces)
    {
        var series = new TimeSeries();
        double end = start + (double)length + 1;
        series.Spread(start, start + (double)length, 1000);
        series.Add(end / 2, 500);
        Assert.Equal(1500, series.Resample(pieces + 1, end).Sum(), 0.01);
    }

    [Fact]
    public void The_page_stands_by_itself_and_the_text_has_what_the_run_says()
    {
        var source = CommandLine.Cli.Noise(folder, "a <source> & more", 8_000_000);
        var result = CommandLine.Cli.Backup(source, folder.At("store"), "--trace", folder.At("t.nettrace"));
        var (output, page) = Report(folder.At("t.nettrace"));
        Assert.Contains("backup", output, StringComparison.Ordinal);
        Assert.Matches($@"\| source read \| \d+ \| {result.Number("readBytes")} \|", output);
        foreach (var stage in new[] { "scan", "pack", "write", "commit" })
        {
            Assert.Contains($"| {stage} |", output, StringComparison.Ordinal);
        }

        Assert.Contains("slowest requests", output, StringComparison.Ordinal);
        Assert.DoesNotMatch(Outside(), page);
        Assert.Contains("a &lt;source&gt; &amp; more", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a <source>", page, StringComparison.Ordinal);
        var charts = Svg().Matches(page).Select(m => XElement.Parse(m.Value)).ToList();
        Assert.True(charts.Count >= 7, $"only {charts.Count} charts");
        Assert.All(charts, chart => Assert.NotEmpty(chart.Elements("path")));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_that_was_cut_off_is_read_as_far_as_it_goes()
    {
        var source = CommandLine.Cli.Noise(folder, "source", 30_000_000);
        // A second's worth: what the runtime hands over at once can be read whole or not at all.
        CommandLine.Cli.Backup(source, folder.At("store"), "--trace", folder.At("t.nettrace"), "--max-rate", "30M");
        var whole = File.ReadAllBytes(folder.At("t.nettrace"));
        File.WriteAllBytes(folder.At("cut.nettrace"), whole[..(whole.Length * 2 / 3)]);
        var trace = Trace.Read(folder.At("cut.nettrace"));
        Assert.NotNull(trace.CutOff);
        Assert.InRange(trace.Runs[0].Events, 1, Trace.Read(folder.At("t.nettrace")).Runs[0].Events - 1);
    }

    [Theory]
    [InlineData("noise.nettrace")]
    [InlineData("missing.nettrace")]
    [InlineData("noise.etl")]
    public void What_is_no_trace_is_refused_with_a_message(string name)
    {
        CommandLine.Cli.Noise(folder, "noise.nettrace", 100_000);
        CommandLine.Cli.Noise(folder, "noise.etl", 100_000);
        var result = Start(folder.At(name));
        Assert.Equal(1, result.ExitCode);
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private (string Output, string Page) Report(string trace)
    {
        var result = Start(trace, "--html", folder.At("page.html")).Succeeded();
        return (result.Output, File.ReadAllText(folder.At("page.html")));
    }

    private static ToolResult Start(params string[] arguments) => Tool.Start(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Tidemark.TraceReport.dll"), .. arguments], Patience.Limit);

    [GeneratedRegex("https?:|//[a-z]|\\bsrc=|\\bhref=|url\\(|@import|<script|<link", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();

    private sealed class MadeEvent(int id, long thread, double time, params (string Name, object Value)[] payload) : IEventPayload
    {
        public int Id => id;

        public int Process => 1;

        public long Thread => thread;

        public double Time => time;

        public long Number(string name) => payload.FirstOrDefault(p => p.Name == name).Value is long value ? value : 0;

        public string Text(string name) => payload.FirstOrDefault(p => p.Name == name).Value as string ?? "";
    }
}
