using System.Globalization;
using System.Net;
using System.Text;

namespace Tidemark.Bench.TraceReport;

/// <summary>One layer of a chart: a value for each piece of the time.</summary>
internal sealed record ChartLayer(string Name, string Style, double[] Values);

/// <summary>Layers over time, one upon the other, as SVG for a page that brings the styles.</summary>
internal static class SvgChart
{
    private const int Width = 900;
    private const int Height = 110;
    private const int Left = 60;
    private const int Bottom = 18;

    /// <param name="top">The value at the upper edge.</param>
    /// <param name="topText">How the axis calls it.</param>
    /// <param name="seconds">The time at the right edge.</param>
    public static string Stacked(string title, IReadOnlyList<ChartLayer> layers, double top, string topText, double seconds)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Left + Width + 10} {Height + Bottom + 12}\" role=\"img\">");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{WebUtility.HtmlEncode(title)}</title>");
        var floor = new double[layers[0].Values.Length];
        foreach (var layer in layers)
        {
            var upper = layer.Values.Zip(floor, (a, b) => a + b).ToArray();
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{layer.Style}\" d=\"{Area(floor, upper, top)}\"><title>{WebUtility.HtmlEncode(layer.Name)}</title></path>");
            floor = upper;
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{Left} 8V{Height + 8}H{Left + Width}\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"14\" text-anchor=\"end\">{WebUtility.HtmlEncode(topText)}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Height + 8}\" text-anchor=\"end\">0</text>");
        for (var i = 0; i <= 4; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + (Width * i / 4)}\" y=\"{Height + Bottom + 6}\" text-anchor=\"middle\">{seconds * i / 4:G3} s</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>An area of steps between two lines.</summary>
    private static string Area(double[] floor, double[] upper, double top)
    {
        var path = new StringBuilder("M");
        var step = (double)Width / upper.Length;
        for (var i = 0; i < upper.Length; i++)
        {
            path.Append(CultureInfo.InvariantCulture, $"{X(i)} {Y(upper[i])} {X(i + 1)} {Y(upper[i])} ");
        }

        for (var i = floor.Length - 1; i >= 0; i--)
        {
            path.Append(CultureInfo.InvariantCulture, $"{X(i + 1)} {Y(floor[i])} {X(i)} {Y(floor[i])} ");
        }

        return path.Append('Z').ToString();

        string X(int at) => (Left + (at * step)).ToString("F1", CultureInfo.InvariantCulture);
        string Y(double value) => (8 + (Height * (1 - Math.Clamp(value / top, 0, 1)))).ToString("F1", CultureInfo.InvariantCulture);
    }
}
