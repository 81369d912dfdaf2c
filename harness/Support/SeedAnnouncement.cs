using Tidemark.Harness.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(SeedAnnouncement))]

namespace Tidemark.Harness.Support;

/// <summary>Says the run's seed once, before the first test, however the run was started.</summary>
public sealed class SeedAnnouncement
{
    public SeedAnnouncement() => Console.Error.WriteLine($"Random tests: {Seed.Replay}");
}
