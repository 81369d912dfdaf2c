using System.Globalization;
using System.Runtime.CompilerServices;
using FsCheck.Xunit;

namespace Tidemark.Harness.Support;

/// <summary>
/// An FsCheck property whose random source is derived from the run's seed (<see cref="Seed"/>) and its own name.
/// TIDEMARK_SEED replays it; TIDEMARK_MAX_TEST multiplies the number of cases (a whole number, for soak runs).
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
#pragma warning disable xUnit3003 // FsCheck's attribute takes no source information, so there is nothing to hand on.
public sealed class SeededPropertyAttribute : PropertyAttribute
#pragma warning restore xUnit3003
{
    public const string EffortVariable = "TIDEMARK_MAX_TEST";

    // FsCheck's own number.
    private const int DefaultCases = 100;

    /// <param name="cases">How many cases are tried.</param>
    /// <param name="all">How many in the long form of the tests (<see cref="LongForm"/>), where that is more.</param>
    /// <param name="method">Filled in by the compiler.</param>
    public SeededPropertyAttribute(int cases = DefaultCases, int all = 0, [CallerMemberName] string method = "")
    {
        // The two words of FsCheck's generator (SplitMix): any state, and an increment that must be odd.
        var state = Seed.Of(method);
        var increment = Seed.Of(method + "/increment") | 1;
        Replay = string.Create(CultureInfo.InvariantCulture, $"({state},{increment})");
        MaxTest = LongForm.Or(cases, Math.Max(cases, all)) * Effort();
    }

    private static int Effort() =>
        int.TryParse(Environment.GetEnvironmentVariable(EffortVariable), CultureInfo.InvariantCulture, out var effort) && effort > 0
            ? effort
            : 1;
}
