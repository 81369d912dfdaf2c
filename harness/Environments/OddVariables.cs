using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>Variables that lead nowhere, or say odd things.</summary>
/// <param name="name">What it is called.</param>
/// <param name="reasons">What a refusal names; nothing is refused without them.</param>
/// <param name="forms">Each with the variables it sets in a folder of the desk's.</param>
internal sealed class OddVariables(string name, string[] reasons, IReadOnlyDictionary<string, Func<TempFolder, Dictionary<string, string?>>> forms) : Surroundings
{
    public override string Name => name;

    public override IReadOnlyList<string> Forms => [.. forms.Keys];

    public override IReadOnlyList<string>? MayRefuse => reasons.Length > 0 ? null : [];

    public override IReadOnlyList<string> Reasons => reasons;

    public override IReadOnlyDictionary<string, string?> Variables(Desk desk, string form) => forms[form](desk.Folder);
}
