using FsCheck;
using FsCheck.Fluent;

namespace Tidemark.Harness.Properties;

/// <summary>Draws histories, and makes a failing one smaller: fewer steps first, then a smaller volume and plainer settings.</summary>
public static class HistoryArbitrary
{
    /// <summary>Steps of a history at most; a third of them are images.</summary>
    private const int MaxSteps = 24;

    private static readonly (int Weight, StepKind Kind)[] Weights =
    [
        (8, StepKind.Backup), (6, StepKind.Write), (2, StepKind.Zero), (3, StepKind.Trim), (1, StepKind.Rewrite),
        (2, StepKind.Copy), (3, StepKind.Resize), (2, StepKind.Fail), (1, StepKind.Heal), (1, StepKind.Move), (1, StepKind.Fork),
    ];

    public static Arbitrary<History> Histories() => Arb.From(Draw(), Shrink);

    private static Gen<History> Draw() =>
        from blockLog in Gen.Choose(12, 20)
        from blake3 in Gen.Elements(false, true)
        from encrypted in Gen.Elements(false, false, true)
        from sector in Gen.Elements(512, 512, 4096)
        from length in Length(blockLog, sector)
        from seed in Gen.Choose(0, 1_000_000)
        from count in Gen.Choose(0, MaxSteps)
        from steps in DrawStep().ListOf(count)
        select new History(blockLog, blake3, encrypted, sector, length, seed, [.. steps]);

    /// <summary>Whole blocks, whole sectors, any bytes; now and then next to nothing.</summary>
    private static Gen<int> Length(int blockLog, int sector)
    {
        var any = Gen.Choose(0, History.MaxLength(blockLog));
        return Gen.Frequency(
            (2, any.Select(length => length >> blockLog << blockLog)),
            (2, any.Select(length => length / sector * sector)),
            (4, any),
            (1, Gen.Choose(0, 2)));
    }

    private static Gen<Step> DrawStep() =>
        from kind in Gen.Frequency([.. Weights.Select(w => (w.Weight, Gen.Constant(w.Kind)))])
        from place in Gen.Choose(0, 1 << 24)
        from size in Gen.Choose(0, 1 << 24)
        from draw in Gen.Choose(0, 10_000)
        select new Step(kind, place, size, draw);

    private static IEnumerable<History> Shrink(History history)
    {
        // Halves, quarters and so on of the steps go first: that is what makes a failure short in few tries.
        for (var piece = history.Steps.Count; piece > 0; piece /= 2)
        {
            for (var at = 0; at < history.Steps.Count; at += piece)
            {
                yield return history with { Steps = [.. history.Steps.Take(at), .. history.Steps.Skip(at + piece)] };
            }
        }

        if (history.Encrypted)
        {
            yield return history with { Encrypted = false };
        }

        if (history.Blake3)
        {
            yield return history with { Blake3 = false };
        }

        if (history.BlockLog > 12)
        {
            yield return history with { BlockLog = 12, Length = Math.Min(history.Length, History.MaxLength(12)) };
        }

        foreach (var length in new[] { 0, history.Length / 2, history.Length >> history.BlockLog << history.BlockLog })
        {
            if (length < history.Length)
            {
                yield return history with { Length = length };
            }
        }

        for (var i = 0; i < history.Steps.Count; i++)
        {
            foreach (var smaller in Shrink(history.Steps[i]))
            {
                yield return history with { Steps = [.. history.Steps.Take(i), smaller, .. history.Steps.Skip(i + 1)] };
            }
        }
    }

    private static IEnumerable<Step> Shrink(Step step)
    {
        if (step.Place > 0)
        {
            yield return step with { Place = step.Place / 2 };
        }

        if (step.Size > 0)
        {
            yield return step with { Size = step.Size / 2 };
        }

        if (step.Draw > 0)
        {
            yield return step with { Draw = step.Draw / 2 };
        }
    }
}
