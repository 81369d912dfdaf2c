using Xunit.v3;

namespace Tidemark.Harness.Support;

/// <summary>
/// The row of <c>harness/CASES.md</c> that a test proves: a fault that somebody met in the field. The runner takes it as
/// the trait "Case".
/// </summary>
/// <param name="number">The row's number: section, a dot, and the place in it, such as "1.1".</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class CaseAttribute(string number) : Attribute, ITraitAttribute
{
    public string Number { get; } = number;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Case", Number)];
}
