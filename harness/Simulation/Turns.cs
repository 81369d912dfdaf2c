using System.Runtime.ExceptionServices;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// Lets several runs go on at once, and yet in one order: each has a thread, one of them moves at a time, and before
/// every call to the outside a seed says which.
/// </summary>
internal sealed class Turns(int seed)
{
    private readonly Random random = new(seed);
    private readonly List<Runner> running = [];

    /// <summary>Runs all of them to their end; what one throws comes out when all have ended.</summary>
    public void Run(params IReadOnlyList<Action> runs)
    {
        var threads = new List<Thread>();
        Exception? failure = null;
        foreach (var run in runs)
        {
            var runner = new Runner();
            running.Add(runner);
            threads.Add(new Thread(() =>
            {
                runner.Go.Wait();
                Runner.Current.Value = runner;
                try
                {
                    run();
                }
#pragma warning disable CA1031 // Thrown again by the thread that waits.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    failure ??= e;
                }

                running.Remove(runner);
                Pick()?.Go.Release();
            }));
        }

        threads.ForEach(t => t.Start());
        Pick()!.Go.Release();
        threads.ForEach(t => t.Join());
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Gives the turn to a run that the seed determines, perhaps the same.</summary>
    public void Next()
    {
        var mine = Runner.Current.Value!;
        var next = Pick()!;
        if (next != mine)
        {
            next.Go.Release();
            mine.Go.Wait();
        }
    }

    private Runner? Pick() => running.Count == 0 ? null : running[random.Next(running.Count)];

    private sealed class Runner
    {
        public static ThreadLocal<Runner?> Current { get; } = new();

        public SemaphoreSlim Go { get; } = new(0);
    }
}
