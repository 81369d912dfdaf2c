using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Gathers the blocks of which no image tells what they held: they are written as zeros, and listed with the image whose
/// damage is the reason. Blocks come in order.
/// </summary>
internal sealed class LostBlocks
{
    private readonly Lineage lineage;

    /// <param name="lineage">The images of the merge, by layer.</param>
    /// <param name="salvage">
    /// Whether blocks that stand in no index are taken too; else only those whose loss an index records.
    /// </param>
    public LostBlocks(Lineage lineage, bool salvage = false)
    {
        this.lineage = lineage;
        TakesLosses = salvage;
    }

    /// <summary>Whether blocks that stand in no index are taken for lost, and not refused.</summary>
    public bool TakesLosses { get; }

    public List<BlockDamage> Damage { get; } = [];

    /// <summary>Notes an extent that is lost and gives it back as zeros; any other extent comes back as it is.</summary>
    /// <param name="taker">Takes it; null to refuse it.</param>
    /// <exception cref="TidemarkException">No index of the lineage tells what the extent's blocks hold, and it isn't to be salvaged.</exception>
    public static MergedExtent Take(LostBlocks? taker, in MergedExtent extent)
    {
        if (extent.State is not (BlockState.Lost or BlockState.Absent))
        {
            return extent;
        }

        if (taker is null || (extent.State == BlockState.Absent && !taker.TakesLosses))
        {
            RestorePlan.RequireKnown(extent);
        }

        taker!.Note(extent);
        return extent with { State = BlockState.Zero };
    }

    private void Note(in MergedExtent extent)
    {
        var (sequence, reason) = extent.State == BlockState.Absent
            ? (lineage.Header.Sequence, "no index of the image's lineage speaks of them")
            : extent.Layer >= lineage.Count
                ? (lineage.MissingSequence, lineage.Problem)
                : (lineage[extent.Layer].Header.Sequence, "the part of its index that spoke of them is lost");
        if (Damage.Count > 0 && Damage[^1] is var last && last.FirstBlock + last.Count == extent.First
            && last.Sequence == sequence && last.Reason == reason)
        {
            Damage[^1] = last with { Count = last.Count + extent.Count };
        }
        else
        {
            Damage.Add(new BlockDamage(extent.First, extent.Count, sequence, reason));
        }
    }
}
