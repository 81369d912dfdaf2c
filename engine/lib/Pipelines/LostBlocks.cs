using Tidemark.Engine.Images;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Gathers the blocks of which no image tells what they held: they are written as zeros, and listed with the image whose
/// damage is the reason. Blocks come in order.
/// </summary>
internal sealed class LostBlocks
{
    private readonly IReadOnlyList<ImageReader> lineage;
    private readonly long missingSequence;
    private readonly string missing;

    /// <summary>For a restore that refuses an incomplete lineage: only blocks whose loss an index records are taken.</summary>
    public LostBlocks(IReadOnlyList<ImageReader> lineage)
        : this(lineage, 0, "")
    {
    }

    /// <param name="lineage">The images of the merge, by level.</param>
    /// <param name="missingSequence">The ancestor that is missing behind them; 0 if none is.</param>
    /// <param name="missing">What is wrong with it.</param>
    public LostBlocks(IReadOnlyList<ImageReader> lineage, long missingSequence, string missing, bool salvage = false)
    {
        this.lineage = lineage;
        this.missingSequence = missingSequence;
        this.missing = missing;
        Salvages = salvage;
    }

    /// <summary>Whether blocks that stand in no index are taken for lost, and not refused.</summary>
    public bool Salvages { get; }

    public List<BlockDamage> Damage { get; } = [];

    /// <summary>Notes a run that is lost and gives it back as zeros; any other run comes back as it is.</summary>
    /// <param name="taker">Takes it; null to refuse it.</param>
    /// <exception cref="TidemarkException">No index of the lineage tells what the run's blocks hold, and it isn't to be salvaged.</exception>
    public static MergedRun Take(LostBlocks? taker, in MergedRun run)
    {
        if (run.State is not (BlockState.Lost or BlockState.Absent))
        {
            return run;
        }

        if (taker is null || (run.State == BlockState.Absent && !taker.Salvages))
        {
            RestorePlan.RequireKnown(run);
        }

        taker!.Note(run);
        return run with { State = BlockState.Zero };
    }

    private void Note(in MergedRun run)
    {
        var (sequence, reason) = run.State == BlockState.Absent
            ? (lineage[0].Header.Sequence, "no index of the image's lineage speaks of them")
            : run.Level >= lineage.Count
                ? (missingSequence, missing)
                : (lineage[run.Level].Header.Sequence, "the part of its index that spoke of them is lost");
        if (Damage.Count > 0 && Damage[^1] is var last && last.FirstBlock + last.Count == run.First
            && last.Sequence == sequence && last.Reason == reason)
        {
            Damage[^1] = last with { Count = last.Count + run.Count };
        }
        else
        {
            Damage.Add(new BlockDamage(run.First, run.Count, sequence, reason));
        }
    }
}
