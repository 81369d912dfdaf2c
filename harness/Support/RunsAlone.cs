using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>The collection of tests that no other test runs beside, since what they measure is the whole process's.</summary>
[CollectionDefinition(RunsAlone.Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "alone";
}
