using System.Runtime.CompilerServices;

namespace Tidemark.Harness.Support;

/// <summary>Says the run's seed before anything else, however the run was started.</summary>
internal static class SeedAnnouncement
{
    // The runner's own code for wrong use; a test that can't be found because of a bad seed must not look passed.
    private const int WrongUse = 2;

    [ModuleInitializer]
    internal static void Announce()
    {
        if (Environment.GetCommandLineArgs() is [_, "soak", ..])
        {
            return;
        }

        if (Seed.Problem is { } problem)
        {
            Console.Error.WriteLine(problem);
            Environment.Exit(WrongUse);
        }

        Console.Error.WriteLine($"Random tests: {Seed.Replay}");
    }
}
