using System.Globalization;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>
/// How long the suites of real faults run, and where their figures go: a bounded share within all tests, the long version
/// by <c>harness/faults</c>.
/// </summary>
internal static class FaultRun
{
    /// <summary>How many times the rounds of the short version.</summary>
    public const string ScaleVariable = "TIDEMARK_FAULT_SCALE";

    /// <summary>A file that figures are added to, a line each.</summary>
    public const string FiguresVariable = "TIDEMARK_FAULT_FIGURES";

    private static readonly Lock gate = new();

    /// <summary>The rounds of this run.</summary>
    /// <param name="few">Those of the short version.</param>
    public static int Rounds(int few) =>
        int.TryParse(Environment.GetEnvironmentVariable(ScaleVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var scale)
            ? checked(few * Math.Max(1, scale))
            : few;

    /// <summary>A figure of the run, for whoever reads its output.</summary>
    public static void Tell(string figure)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(figure);
        if (Environment.GetEnvironmentVariable(FiguresVariable) is { Length: > 0 } path)
        {
            lock (gate)
            {
                File.AppendAllText(path, figure + "\n");
            }
        }
    }
}
