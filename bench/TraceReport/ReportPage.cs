using System.Globalization;
using System.Net;
using System.Text;

namespace Tidemark.Bench.TraceReport;

/// <summary>A trace as one page of HTML with its charts in it; it refers to nothing outside.</summary>
internal static class ReportPage
{
    /// <summary>Pieces of time in a chart.</summary>
    private const int Pieces = 240;

    private const string Head = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <style>
        :root { color-scheme: light dark; --busy: #2a9d5c; --input: #4c7fd0; --output: #e08a2e; --rate: #9aa0a6; --line: #8888; }
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; }
        h1 { font-size: 1.5em } h2 { font-size: 1.25em; margin-top: 2em } h3 { font-size: 1em; margin: 1.4em 0 .2em }
        table { border-collapse: collapse; margin: .8em 0; font-variant-numeric: tabular-nums; font-size: .87em }
        th, td { padding: .25em .7em; border-bottom: 1px solid var(--line); text-align: right }
        th:first-child, td:first-child, td.text, th.text { text-align: left }
        svg { width: 100%; height: auto } svg text { font-size: 11px; fill: currentColor }
        .axis { fill: none; stroke: var(--line) } .busy { fill: var(--busy) } .input { fill: var(--input) } .output { fill: var(--output) } .rate { fill: var(--rate) }
        .key span { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em }
        .verdict { font-weight: 600 } .scroll { overflow-x: auto }
        </style>
        """;

    public static string Make(Trace trace, string fileName)
    {
        var page = new StringBuilder(Head);
        page.AppendLine(CultureInfo.InvariantCulture, $"<title>{Text(fileName)}</title></head><body><h1>Where the time went: {Text(fileName)}</h1>");
        foreach (var note in ReportText.Notes(trace))
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{Text(note)}</p>");
        }

        foreach (var run in trace.Runs)
        {
            Add(page, run);
        }

        return page.AppendLine("</body></html>").ToString();
    }

    private static void Add(StringBuilder page, Run run)
    {
        page.AppendLine(CultureInfo.InvariantCulture, $"<h2>{Text(ReportText.Title(run))}</h2><p class=\"verdict\">{Text(Verdict.Of(run))}</p><ul>");
        foreach (var line in (string[])[.. run.Queues, .. run.Images])
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"<li>{Text(line)}</li>");
        }

        page.AppendLine("</ul>");
        AddStages(page, run);
        AddTransfers(page, run);
        AddTable(page, "Frames packed", ReportText.FrameHead, ReportText.FrameRows(run));
        AddTable(page, "The slowest requests, from submission until they were reaped", ReportText.SlowHead, ReportText.SlowRows(run));
    }

    private static void AddStages(StringBuilder page, Run run)
    {
        AddTable(page, "Stages", ReportText.StageHead, ReportText.StageRows(run));
        page.AppendLine("<p class=\"key\"><span style=\"background: var(--busy)\"></span>busy<span style=\"background: var(--input)\"></span>"
            + "waiting for input<span style=\"background: var(--output)\"></span>waiting for output<span style=\"background: var(--rate)\"></span>held to the rate</p>");
        var piece = run.Duration / Pieces;
        foreach (var stage in run.Stages.OrderBy(ReportText.Order).Where(s => s.Total > 0 && piece > 0))
        {
            double[] present = Threads(stage.Present);
            double[] input = Threads(stage.Input);
            double[] output = Threads(stage.Output);
            double[] rate = Threads(stage.Rate);
            var busy = present.Select((p, i) => Math.Max(0, p - input[i] - output[i] - rate[i])).ToArray();
            var title = $"{stage.Name}: {Verdict.Threads(stage)}";
            page.AppendLine(CultureInfo.InvariantCulture, $"<h3>{Text(title)}</h3>");
            page.AppendLine(SvgChart.Stacked(
                title,
                [new("busy", "busy", busy), new("waiting for input", "input", input), new("waiting for output", "output", output), new("held to the rate", "rate", rate)],
                stage.Threads, stage.Threads.ToString(CultureInfo.InvariantCulture), run.Duration / 1e9));
        }

        double[] Threads(TimeSeries series) => [.. series.Resample(Pieces, run.Duration).Select(sum => sum / piece)];
    }

    private static void AddTransfers(StringBuilder page, Run run)
    {
        AddTable(page, "Transfers", ReportText.TransferHead, ReportText.TransferRows(run));
        foreach (var transfers in run.AllTransfers.Where(t => t.Count > 0 && run.Duration > 0))
        {
            if (transfers.Queued)
            {
                page.AppendLine(CultureInfo.InvariantCulture, $"<h3>Depth of {Text(transfers.Name)}s, mean {transfers.MeanDepth:F1}</h3>");
                page.AppendLine(SvgChart.Stacked(
                    "depth", [new("depth", "input", ReportText.DepthOver(run, transfers, Pieces))], Math.Max(1, transfers.MaxDepth),
                    transfers.MaxDepth.ToString(CultureInfo.InvariantCulture), run.Duration / 1e9));
            }

            var perSecond = Pieces / (run.Duration / 1e9) / (1 << 20);
            var flow = transfers.Flow.Resample(Pieces, run.Duration).Select(bytes => bytes * perSecond).ToArray();
            page.AppendLine(CultureInfo.InvariantCulture, $"<h3>MiB/s of {Text(transfers.Name)}s</h3>");
            page.AppendLine(SvgChart.Stacked(
                "MiB/s", [new("MiB/s", "busy", flow)], Math.Max(1, flow.Max()), flow.Max().ToString("F0", CultureInfo.InvariantCulture), run.Duration / 1e9));
        }
    }

    private static void AddTable(StringBuilder page, string title, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        page.AppendLine(CultureInfo.InvariantCulture, $"<h3>{Text(title)}</h3><div class=\"scroll\"><table><tr>{string.Concat(head.Select(h => $"<th>{Text(h)}</th>"))}</tr>");
        foreach (var row in all)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"<tr>{string.Concat(row.Select(cell => $"<td>{Text(cell)}</td>"))}</tr>");
        }

        page.AppendLine("</table></div>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
