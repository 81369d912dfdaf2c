using System.Diagnostics;

namespace Tidemark.Fuzz.Running;

/// <summary>Replays the corpus of every target and tries a number of mutations, a few seconds in all.</summary>
internal sealed class Smoke(ulong seed, TimeSpan time)
{
    /// <summary>Mutations of a target at most: beyond that a real fuzzer finds more in the same time.</summary>
    private const int MostInputs = 100_000;

    /// <summary>Mutations of a target even where the time is up, so that a slow machine tests something.</summary>
    private const int FewestInputs = 20;

    /// <summary>An input that hangs is ended with the process, and says which it was. None takes a second.</summary>
    private static readonly TimeSpan MaxHang = TimeSpan.FromMinutes(5);

    private string current = "";
    private long tried;
    private long seen = -1;

    /// <summary>How many targets failed.</summary>
    public int Run(IReadOnlyList<FuzzTarget> targets)
    {
        Console.WriteLine($"fuzz smoke: seed {seed} (the same inputs again: --smoke --seed {seed})");
        using var watchdog = new Timer(_ => Look(), null, MaxHang, MaxHang);
        var failed = 0;
        for (var i = 0; i < targets.Count; i++)
        {
            var share = time / targets.Count;
            failed += RunTarget(targets[i], share) ? 0 : 1;
        }

        return failed;
    }

    private bool RunTarget(FuzzTarget target, TimeSpan share)
    {
        current = target.Name;
        var began = Stopwatch.GetTimestamp();
        var corpus = Corpus.Read(target.Name);
        if (corpus.Count == 0)
        {
            Console.WriteLine($"{target.Name}: FAILED, its corpus is empty");
            return false;
        }

        foreach (var (name, bytes) in corpus)
        {
            current = $"{target.Name}, corpus input {name}";
            tried++;
            if (Execution.Try(target, bytes, out _) is { } find)
            {
                return Report(target, find, bytes);
            }
        }

        // Of the seed alone and the target's name, so that a target replays the same whatever runs beside it.
        var mutator = new Mutator((int)(seed ^ (seed >> 32)) ^ StableHash(target.Name), [.. corpus.Select(c => c.Bytes)], Dictionary.Read(target.Dictionary), target.MaxInput);
        var inputs = 0;
        for (; inputs < MostInputs && (inputs < FewestInputs || Stopwatch.GetElapsedTime(began) < share); inputs++)
        {
            current = $"{target.Name}, mutation {inputs} of seed {seed}";
            tried++;
            var input = mutator.Next();
            if (Execution.Try(target, input, out _) is { } find)
            {
                return Report(target, find, input);
            }
        }

        Console.WriteLine($"{target.Name}: {corpus.Count} corpus inputs, {inputs} mutations");
        return true;
    }

    private bool Report(FuzzTarget target, Exception find, ReadOnlySpan<byte> input)
    {
        var file = Path.Combine(Path.GetTempPath(), $"tidemark-fuzz-{target.Name}-{(uint)StableHash(Convert.ToHexString(input)):x8}");
        File.WriteAllBytes(file, input);
        Console.WriteLine($"{current}: FAILED. The input is kept: --replay {target.Name} {file}");
        Console.WriteLine(find);
        return false;
    }

    // Between two looks something must have been tried, however slowly.
    private void Look()
    {
        if (Volatile.Read(ref tried) == seen)
        {
            Console.WriteLine($"{current}: FAILED, it runs longer than {MaxHang}");
            Environment.Exit(1);
        }

        seen = tried;
    }

    /// <summary>FNV-1a; string.GetHashCode differs from run to run.</summary>
    private static int StableHash(string text)
    {
        var hash = 2166136261;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        return (int)hash;
    }
}
