using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// The command <c>soak</c>: simulated histories for as long as one likes. It ends at the first broken promise, with the
/// argument that replays it and the smallest scenario that still breaks it.
/// </summary>
internal static class Soak
{
    private const int Passed = 0;
    private const int Failed = 1;
    private const int WrongUse = 2;

    /// <summary>Shrinking gains little after this long.</summary>
    private static readonly TimeSpan shrinking = TimeSpan.FromMinutes(2);

    public static int Run(string[] args)
    {
        ulong? seed = null;
        long steps = long.MaxValue;
        var time = TimeSpan.MaxValue;
        var keepGoing = false;
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--replay" when value.Length > 0:
                    return Replay(value);
                case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var given):
                    seed = given;
                    i++;
                    break;
                case "--steps" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var given):
                    steps = given;
                    i++;
                    break;
                case "--minutes" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given):
                    time = TimeSpan.FromMinutes(given);
                    i++;
                    break;
                case "--keep-going":
                    keepGoing = true;
                    break;
                default:
                    Console.Error.WriteLine(
                        "soak [--seed N] [--steps M | --minutes T] [--keep-going]   histories N, N+1 and so on\n"
                        + "soak --replay SEED|SCENARIO                               one of them again");
                    return WrongUse;
            }
        }

        return Go(seed ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue), steps, time, keepGoing);
    }

    private static int Go(ulong seed, long steps, TimeSpan time, bool keepGoing)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        var tally = new Tally();
        var watch = Stopwatch.StartNew();
        var said = TimeSpan.Zero;
        var failures = 0;
        for (long step = 0; step < steps && watch.Elapsed < time; step++)
        {
            var number = seed + (ulong)step;
            var scenario = Scenario.Generate(number);
            try
            {
                World.Run(scenario, tally);
            }
            catch (SimulationFailure e)
            {
                failures++;
                Tell(number, step, scenario, e);
                if (!keepGoing)
                {
                    return Failed;
                }
            }

            if (watch.Elapsed - said > TimeSpan.FromMinutes(1))
            {
                said = watch.Elapsed;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{said.TotalMinutes:F0} min: {tally.Histories} histories, {tally.Faults} faults"));
            }
        }

        Console.WriteLine(tally);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{failures} promises broken, {watch.Elapsed.TotalMinutes:F1} min"));
        return failures == 0 ? Passed : Failed;
    }

    private static int Replay(string what)
    {
        var scenario = ulong.TryParse(what, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? Scenario.Generate(seed)
            : Scenario.Parse(what);
        var tally = new Tally();
        try
        {
            var trace = World.Run(scenario, tally);
            Console.WriteLine(tally);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"all is well; trace {trace:x16}"));
            return Passed;
        }
        catch (SimulationFailure e)
        {
            Tell(seed, 0, scenario, e);
            Console.WriteLine(e.InnerException);
            return Failed;
        }
    }

    private static void Tell(ulong seed, long step, Scenario scenario, SimulationFailure failure)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"BROKEN at step {step}, history {seed}, operation {failure.Step}: {failure.Message}\n  again: soak --replay {seed}"));
        var shrinker = new Shrinker(shrinking);
        var smallest = shrinker.Shrink(scenario);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  smallest of {shrinker.Tries} tries: {Shrinker.Failure(smallest)?.Message}\n  again: soak --replay {smallest}"));
    }
}
