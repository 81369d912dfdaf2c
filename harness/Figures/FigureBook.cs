using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Figures;

/// <summary>
/// The recorded figures of runs that give the same ones each time: bytes, allocations, instructions, never time. With
/// <c>TIDEMARK_RECORD_FIGURES=1</c> what is measured is written down instead of held against what was.
/// </summary>
internal static class FigureBook
{
    private const string Switch = "TIDEMARK_RECORD_FIGURES";

    private static readonly Lock Gate = new();

    private static string Place => Repository.PathOf("harness", "Figures", "figures.json");

    /// <summary>Fails if a figure is off what is recorded by more than a share of it, to the better as well.</summary>
    public static void Check(string name, double measured, double tolerance)
    {
        lock (Gate)
        {
            var recorded = Read();
            if (Environment.GetEnvironmentVariable(Switch) == "1")
            {
                recorded[name] = measured;
                Write(recorded);
                return;
            }

            Assert.True(recorded.TryGetValue(name, out var known), $"{name} isn't recorded; run the test with {Switch}=1.");
            var change = (measured - known) / Math.Max(Math.Abs(known), 1);
            Assert.True(
                Math.Abs(change) <= tolerance,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is {measured:0.##} and was {known:0.##} ({change:+0.0%;-0.0%}, {tolerance:0.0%} is allowed). ")
                + $"If that is meant, run the test with {Switch}=1 and say why in the commit.");
        }
    }

    private static SortedDictionary<string, double> Read() => File.Exists(Place)
        ? new SortedDictionary<string, double>(
            JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(Place))!, StringComparer.Ordinal)
        : new SortedDictionary<string, double>(StringComparer.Ordinal);

    private static void Write(SortedDictionary<string, double> figures)
    {
        var text = new StringBuilder("{\n");
        text.AppendJoin(",\n", figures.Select(figure =>
            string.Create(CultureInfo.InvariantCulture, $"  \"{figure.Key}\": {figure.Value:0.##}")));
        File.WriteAllText(Place, text.Append("\n}\n").ToString());
    }
}
