using System.Diagnostics;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// Makes a failing scenario smaller for as long as it goes on failing: fewer operations, fewer faults, plainer settings,
/// smaller numbers.
/// </summary>
internal sealed class Shrinker(TimeSpan patience)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private Scenario best = null!;

    /// <summary>Runs tried.</summary>
    public int Tries { get; private set; }

    /// <summary>What is wrong with a scenario; null if nothing is.</summary>
    public static SimulationFailure? Failure(Scenario scenario)
    {
        try
        {
            World.Run(scenario, new Tally());
            return null;
        }
        catch (SimulationFailure e)
        {
            return e;
        }
    }

    /// <summary>The smallest scenario found that fails.</summary>
    public Scenario Shrink(Scenario failing)
    {
        best = failing;
        bool smaller;
        do
        {
            smaller = DropOperations() | DropFaults() | SimplifySettings() | SimplifyNumbers();
        }
        while (smaller && watch.Elapsed < patience);
        return best;
    }

    private bool DropOperations()
    {
        var any = false;
        for (var size = Math.Max(1, best.Operations.Count / 2); size > 0; size /= 2)
        {
            for (var at = best.Operations.Count - size; at >= 0; at -= size)
            {
                if (at + size <= best.Operations.Count)
                {
                    any |= Try(best with { Operations = [.. best.Operations.Take(at), .. best.Operations.Skip(at + size)] });
                }
            }
        }

        return any;
    }

    private bool DropFaults()
    {
        var any = false;
        for (var i = 0; i < best.Operations.Count; i++)
        {
            any |= best.Operations[i].Fault is not null && TryOperation(i, best.Operations[i] with { Fault = null });
        }

        return any;
    }

    private bool SimplifySettings()
    {
        var any = false;
        for (var bit = 1; bit <= 16; bit *= 2)
        {
            any |= (best.Settings & bit) != 0 && Try(best with { Settings = best.Settings & ~bit });
        }

        foreach (var length in Smaller(best.Length))
        {
            any |= length < best.Length && Try(best with { Length = length });
        }

        return any;
    }

    private bool SimplifyNumbers()
    {
        var any = false;
        for (var i = 0; i < best.Operations.Count; i++)
        {
            any |= Numbers(i, o => o.Place, (o, n) => o with { Place = n });
            any |= Numbers(i, o => o.Size, (o, n) => o with { Size = n });
            any |= Numbers(i, o => o.Draw, (o, n) => o with { Draw = n });
            if (best.Operations[i].Fault is not null)
            {
                any |= Numbers(i, o => o.Fault!.At, (o, n) => o with { Fault = o.Fault! with { At = n } });
                any |= Numbers(i, o => o.Fault!.Draw, (o, n) => o with { Fault = o.Fault! with { Draw = n } });
            }
        }

        return any;
    }

    private bool Numbers(int at, Func<Operation, int> get, Func<Operation, int, Operation> set)
    {
        foreach (var number in Smaller(get(best.Operations[at])))
        {
            if (TryOperation(at, set(best.Operations[at], number)))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<int> Smaller(int number) =>
        new[] { 0, 1, 2, 3, number % 10, number % 100, number / 2 }.Where(n => n < number).Distinct();

    private bool TryOperation(int at, Operation operation) =>
        Try(best with { Operations = [.. best.Operations.Take(at), operation, .. best.Operations.Skip(at + 1)] });

    private bool Try(Scenario scenario)
    {
        if (watch.Elapsed > patience)
        {
            return false;
        }

        Tries++;
        if (Failure(scenario) is null)
        {
            return false;
        }

        best = scenario;
        return true;
    }
}
