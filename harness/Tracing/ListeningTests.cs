using Xunit;

namespace Tidemark.Harness.Tracing;

/// <summary>
/// Tests that listen to this process's own events run alone: whoever listens hears all runs of the process, and makes
/// them take memory that other tests count.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class ListeningTests
{
    public const string Name = "listening";
}
