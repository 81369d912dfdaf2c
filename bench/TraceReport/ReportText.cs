using System.Globalization;

namespace Tidemark.Bench.TraceReport;

/// <summary>A run as tables in Markdown, for a terminal or a page.</summary>
internal static class ReportText
{
    /// <summary>Pieces of a line that shows something over time.</summary>
    private const int Pieces = 60;

    private const string Levels = " ▁▂▃▄▅▆▇█";

    public static void Write(TextWriter output, Trace trace)
    {
        foreach (var run in trace.Runs)
        {
            Write(output, run);
        }

        foreach (var note in Notes(trace))
        {
            output.WriteLine(note);
        }
    }

    /// <summary>What is wrong with the trace itself.</summary>
    public static IEnumerable<string> Notes(Trace trace)
    {
        if (trace.EventsLost > 0)
        {
            yield return $"The recorder dropped {trace.EventsLost} events: sums are too small.";
        }

        if (trace.CutOff is { } reason)
        {
            yield return $"The file is cut off ({reason}): the program was ended before it could write the rest.";
        }
    }

    public static string Title(Run run) =>
        $"{run.Operation} {run.Subject}".TrimEnd() + ": "
        + (run.Completed switch { true => "completed", false => "failed or interrupted", _ => "not ended in the trace" })
        + Invariant($", {run.Duration / 1e9:F3} s, {run.Events} events");

    public static IEnumerable<string[]> StageRows(Run run) => run.Stages.OrderBy(Order).Select(stage => new[]
    {
        stage.Name,
        Invariant($"{stage.Threads}"),
        Seconds(stage.Busy),
        Seconds(stage.InputWait),
        Seconds(stage.OutputWait),
        Seconds(stage.RateWait),
        Invariant($"{stage.BusyShare * 100:F0} %"),
        string.Join(", ", stage.Parts.OrderByDescending(p => p.Value).Select(p => Invariant($"{p.Key} {Seconds(p.Value)}"))),
    });

    public static IEnumerable<string[]> TransferRows(Run run) => run.AllTransfers.Where(t => t.Count > 0).Select(transfers => new[]
    {
        transfers.Name,
        Invariant($"{transfers.Count}"),
        Invariant($"{transfers.Bytes}"),
        Invariant($"{transfers.Bytes / Math.Max(1, transfers.Span) * 1e9 / (1 << 20):F0}"),
        transfers.Queued ? Invariant($"{transfers.MeanDepth:F1}") : "",
        transfers.Queued ? Invariant($"{transfers.MaxDepth}") : "",
        Milliseconds(transfers.Latency.Percentile(0.5)),
        Milliseconds(transfers.Latency.Percentile(0.99)),
        Milliseconds(transfers.Latency.Max),
        Invariant($"{transfers.Errors}"),
    });

    public static IEnumerable<string[]> FrameRows(Run run) => run.Packed.Select(packed => new[]
    {
        packed.Key switch { 0 => "none", 1 => "zstd", 2 => "lz4", _ => Invariant($"{packed.Key}") },
        Invariant($"{packed.Value.Frames}"),
        Invariant($"{packed.Value.Plain}"),
        Invariant($"{packed.Value.Stored}"),
        Invariant($"{packed.Value.Stored / (double)Math.Max(1, packed.Value.Plain) * 100:F1} %"),
        Invariant($"{packed.Value.Plain / Math.Max(1, packed.Value.Nanoseconds) * 1e9 / (1 << 20):F0}"),
    });

    public static IEnumerable<string[]> SlowRows(Run run) => run.AllTransfers.SelectMany(t => t.SlowestFirst)
        .OrderByDescending(t => t.Nanoseconds).Take(Transfers.Slowest).Select(slow => new[]
        {
            Milliseconds(slow.Nanoseconds), slow.What, Invariant($"{slow.Offset}"), Invariant($"{slow.Length}"),
            Seconds(slow.Submitted), Invariant($"{slow.Error}"),
        });

    public static string[] StageHead { get; } =
        ["stage", "threads", "busy s", "waiting for input s", "waiting for output s", "held to the rate s", "busy", "of it, s"];

    public static string[] TransferHead { get; } =
        ["transfers", "count", "bytes", "MiB/s", "mean depth", "max depth", "median ms", "99 % ms", "slowest ms", "errors"];

    public static string[] FrameHead { get; } = ["codec", "frames", "plain bytes", "stored bytes", "ratio", "MiB/s on one thread"];

    public static string[] SlowHead { get; } = ["ms", "what", "offset", "bytes", "submitted at s", "error"];

    /// <summary>Mean depth in each piece of the run's time.</summary>
    public static double[] DepthOver(Run run, Transfers transfers, int pieces) =>
        [.. transfers.Depth.Resample(pieces, run.Duration).Select(sum => run.Duration > 0 ? sum / (run.Duration / pieces) : 0)];

    private static void Write(TextWriter output, Run run)
    {
        output.WriteLine($"## {Title(run)}");
        output.WriteLine();
        foreach (var line in (string[])[.. run.Queues, .. run.Images, Verdict.Of(run)])
        {
            output.WriteLine($"- {line}");
        }

        output.WriteLine();
        Table(output, StageHead, StageRows(run));
        Table(output, TransferHead, TransferRows(run));
        Table(output, FrameHead, FrameRows(run));
        foreach (var transfers in run.AllTransfers.Where(t => t.Queued && t.Count > 0))
        {
            var depth = DepthOver(run, transfers, Pieces);
            output.WriteLine(Invariant($"Depth of {transfers.Name}s over the run, 0 to {transfers.MaxDepth}:"));
            output.WriteLine($"    |{Line(depth, transfers.MaxDepth)}|");
            output.WriteLine();
        }

        if (SlowRows(run).Any())
        {
            output.WriteLine("The slowest requests, from submission until they were reaped:");
            output.WriteLine();
            Table(output, SlowHead, SlowRows(run));
        }
    }

    private static void Table(TextWriter output, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        output.WriteLine($"| {string.Join(" | ", head)} |");
        output.WriteLine($"| {string.Join(" | ", head.Select(_ => "---"))} |");
        foreach (var row in all)
        {
            output.WriteLine($"| {string.Join(" | ", row)} |");
        }

        output.WriteLine();
    }

    private static string Line(double[] values, double top) =>
        string.Concat(values.Select(v => Levels[Math.Clamp((int)Math.Ceiling(v / Math.Max(1, top) * (Levels.Length - 1)), 0, Levels.Length - 1)]));

    /// <summary>In the order in which data goes through them.</summary>
    internal static int Order(Stage stage)
    {
        string[] way = ["prepare", "scan", "pack", "write", "verify", "prove", "fill", "restore", "commit"];
        var at = Array.IndexOf(way, stage.Name);
        return at < 0 ? way.Length : at;
    }

    private static string Seconds(double nanoseconds) => Invariant($"{nanoseconds / 1e9:F3}");

    private static string Milliseconds(double nanoseconds) => Invariant($"{nanoseconds / 1e6:F2}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
