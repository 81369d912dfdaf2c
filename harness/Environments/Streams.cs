using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>Standard streams that take nothing, or aren't there.</summary>
internal sealed class Streams(string name, params string[] forms) : Surroundings
{
    public override string Name => name;

    public override IReadOnlyList<string> Forms => forms;

    public override void Require(string form)
    {
        base.Require(form);
        Tool.Require("sh");
    }

    public override string[] Command(Desk desk, string form, string[] command) => ["sh", "-c", $"exec \"$0\" \"$@\" {form}", .. command];
}
