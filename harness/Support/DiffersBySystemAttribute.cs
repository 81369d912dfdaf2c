using Xunit.v3;

namespace Tidemark.Harness.Support;

/// <summary>
/// Tests of what differs between Linux and Windows: devices, queues, stores, locks, paths, processes, the console, and one
/// history of each kind. They run on both systems each time; all others run under Wine in <c>harness/test --all</c> alone,
/// since what they test is the same code on the same bytes.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DiffersBySystemAttribute : Attribute, ITraitAttribute
{
    /// <summary>The trait by which <c>harness/test</c> has the runner choose.</summary>
    public const string Trait = "System";

    public const string Differs = "differs";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, Differs)];
}
