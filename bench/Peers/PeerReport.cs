using System.Globalization;
using System.Text;

namespace Tidemark.Bench.Peers;

/// <summary>
/// Makes tables and charts of what <c>bench/peers</c> measured: <c>peers-report RUNS --out FOLDER [--machine TEXT] [--gib N]</c>.
/// </summary>
internal static class PeerReport
{
    private const string Tidemark = "tidemark";

    public static int Run(string[] arguments)
    {
        var folder = Option(arguments, "--out") ?? ".";
        var gib = double.Parse(Option(arguments, "--gib") ?? "4", CultureInfo.InvariantCulture);
        var runs = PeerRun.Read(arguments[0]);
        var text = new StringBuilder();
        text.Append("# Tidemark beside other programs\n\n");
        text.Append(CultureInfo.InvariantCulture, $"`bench/peers`, {runs.Max(run => run.Round)} rounds, medians (least to most). ");
        text.Append(CultureInfo.InvariantCulture, $"Machine: {Option(arguments, "--machine") ?? "not said"}.\n");
        foreach (var scenario in PeerScenario.Group(runs))
        {
            var chart = $"{scenario.Name}-{scenario.Cache}.svg";
            File.WriteAllText(Path.Combine(folder, chart), PeerChart.Draw(scenario, gib));
            Write(text, scenario, chart, gib);
        }

        File.WriteAllText(Path.Combine(folder, "README.md"), text.ToString());
        return 0;
    }

    private static void Write(StringBuilder text, PeerScenario scenario, string chart, double gib)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {scenario.Title}\n\n![{scenario.Title}]({chart})\n\n");
        var ceiling = scenario.Ceiling;
        text.Append("| program | seconds | CPU s/GiB | peak MiB | stored MiB |");
        text.Append(ceiling is null ? "" : $" speed over {ceiling} |");
        text.Append(" tidemark's speed over it |\n| --- | --- | --- | --- | --- |").Append(ceiling is null ? "" : " --- |").Append(" --- |\n");
        foreach (var program in scenario.Programs)
        {
            var cells = new List<string>
            {
                program,
                Spread(scenario.Seconds(program), "0.00"),
                (scenario.CpuSeconds(program).Median / gib).ToString("0.00", CultureInfo.InvariantCulture),
                scenario.PeakMiB(program).Median.ToString("0", CultureInfo.InvariantCulture),
                Stored(scenario, program),
            };
            if (ceiling is not null)
            {
                cells.Add(Ratio(scenario.SpeedOver(program, ceiling)));
            }

            cells.Add(scenario.Programs.Contains(Tidemark) && program != Tidemark ? Ratio(scenario.SpeedOver(Tidemark, program)) : "");
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        if (scenario.PagesAloneBytes is { } alone && scenario.Programs.Contains(Tidemark))
        {
            var own = scenario.StoredMiB(Tidemark).Median * 1048576;
            text.Append(CultureInfo.InvariantCulture,
                $"\nThe changed pages alone, compressed by `zstd -1`: {alone / 1048576:0.00} MiB; tidemark's image is {own / alone:0.000} times that.\n");
        }
    }

    private static string Stored(PeerScenario scenario, string program) =>
        scenario.Name == "restore" || PeerScenario.IsCeiling(program) || program is "xxhsum" or "zstd"
            ? ""
            : scenario.StoredMiB(program).Median.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Spread(PeerFigure figure, string format)
    {
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(figure.Median)} ({Text(figure.Least)} to {Text(figure.Most)})";
    }

    private static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string? Option(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
