using System.Globalization;
using System.Text;

namespace Tidemark.Bench.Peers;

/// <summary>Draws one scenario: a bar of wall time for each program with its spread, CPU time beside it.</summary>
internal static class PeerChart
{
    private const int Width = 760;
    private const int Left = 110;
    private const int Right = 170;
    private const int Top = 46;
    private const int RowHeight = 30;

    public static string Draw(PeerScenario scenario, double gib)
    {
        var longest = scenario.Programs.Max(program => scenario.Seconds(program).Most);
        var scale = (Width - Left - Right) / Math.Max(longest, double.Epsilon);
        var height = Top + (scenario.Programs.Count * RowHeight) + 14;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"10\" y=\"20\" font-size=\"15\" font-weight=\"bold\">{Escape(scenario.Title)}</text>\n");
        svg.Append("<text x=\"10\" y=\"37\" fill=\"#666666\">seconds: median, least to most; CPU seconds a GiB</text>\n");
        var y = Top;
        foreach (var program in scenario.Programs)
        {
            var wall = scenario.Seconds(program);
            var colour = program == "tidemark" ? "#0b6e99" : PeerScenario.IsCeiling(program) ? "#8a8a8a" : "#b7c9d3";
            var middle = y + (RowHeight / 2);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{middle + 4}\" text-anchor=\"end\">{Escape(program)}</text>\n");
            svg.Append(CultureInfo.InvariantCulture,
                $"<rect x=\"{Left}\" y=\"{y + 5}\" width=\"{wall.Median * scale:0.0}\" height=\"{RowHeight - 10}\" fill=\"{colour}\"/>\n");
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{Left + (wall.Least * scale):0.0} {middle}H{Left + (wall.Most * scale):0.0}\" stroke=\"#333333\"/>\n");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left + (wall.Most * scale) + 8:0.0}\" y=\"{middle + 4}\">{wall.Median:0.00} s, {scenario.CpuSeconds(program).Median / gib:0.00} CPU s/GiB</text>\n");
            y += RowHeight;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
