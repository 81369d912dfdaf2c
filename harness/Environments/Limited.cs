using System.Globalization;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>A process that may have little of something; the forms say how little.</summary>
/// <param name="name">What it is called.</param>
/// <param name="resource">The option of prlimit(1).</param>
/// <param name="reasons">What a refusal names.</param>
/// <param name="native">Amounts for the native program.</param>
/// <param name="managed">Amounts for the program of the runtime, which needs more before it begins; none if it can't be limited so.</param>
internal sealed class Limited(string name, string resource, string[] reasons, int[] native, int[] managed) : Surroundings
{
    public override string Name => name;

    public override IReadOnlyList<string>? MayRefuse => null;

    public override IReadOnlyList<string> Reasons => reasons;

    public override IReadOnlyList<string> Forms =>
        [.. (TidemarkCli.IsNative ? native : managed).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    // The kernel doesn't count root's.
    public override bool IsOrdinaryUser(string form) => resource == "nproc";

    public override void Require(string form)
    {
        base.Require(form);
        Tool.Require("prlimit");
    }

    public override IDisposable? Prepare(Desk desk, string form)
    {
        desk.Lay();
        if (IsOrdinaryUser(form))
        {
            desk.GiveToUser();
        }

        return null;
    }

    public override string[] Command(Desk desk, string form, string[] command) => [.. desk.Identity, "prlimit", $"--{resource}={form}", "--", .. command];
}
