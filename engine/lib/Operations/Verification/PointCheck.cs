using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>
/// Tells exactly which bytes of a point in time are lost by the damage that was found: damage in an older image costs
/// nothing where every damaged block was stored again since.
/// </summary>
internal sealed class PointCheck
{
    /// <summary>Ranges kept of one point, 1 MiB of memory; those beyond are counted.</summary>
    public const int MaxRanges = 65536;

    private readonly Lineage lineage;
    private readonly IReadOnlyList<DamagedBlocks> damage;
    private readonly List<ByteRange> ranges = [];
    private readonly RangeJoiner joiner;
    private readonly CancellationToken cancellation;
    private bool needsSalvage;

    private PointCheck(Lineage lineage, IReadOnlyList<DamagedBlocks> damage, CancellationToken cancellation)
    {
        this.lineage = lineage;
        this.damage = damage;
        this.cancellation = cancellation;
        joiner = new RangeJoiner(range =>
        {
            if (ranges.Count < MaxRanges)
            {
                ranges.Add(range);
            }
        });
    }

    private ImageHeader Header => lineage.Header;

    /// <param name="lineage">The image and its ancestors, newest first, as far as they are there.</param>
    /// <param name="damage">What is damaged in each of them, in the same order.</param>
    public static VerifiedPoint Run(Lineage lineage, IReadOnlyList<DamagedBlocks> damage, CancellationToken cancellation)
    {
        var header = lineage.Header;
        if (!lineage.IsCutOff && damage.All(d => d.IsEmpty))
        {
            return new VerifiedPoint(header.Sequence, header.SourceBytes, 0, []);
        }

        if (damage.Any(d => d.Unknown))
        {
            return new VerifiedPoint(header.Sequence, header.SourceBytes, null, []);
        }

        var check = new PointCheck(lineage, damage, cancellation);
        var cursor = MergeCursor.WithLosses(lineage);
        if (lineage.IsCutOff || damage.Any(d => d.InIndex))
        {
            check.Look(cursor, cursor.BlockCount);
        }
        else
        {
            check.LookAtDamage(cursor);
        }

        check.joiner.Complete();
        return new VerifiedPoint(header.Sequence, header.SourceBytes, check.joiner.Bytes, check.ranges)
        {
            NeedsSalvage = check.needsSalvage,
        };
    }

    /// <summary>Only what is damaged is looked at; subtrees of the indexes between are skipped.</summary>
    private void LookAtDamage(MergeCursor cursor)
    {
        foreach (var (first, end) in damage.SelectMany(d => d.Ranges).Order())
        {
            if (first >= cursor.BlockCount)
            {
                break;
            }

            if (first > cursor.Position)
            {
                cursor.SkipTo(first);
            }

            Look(cursor, Math.Min(end, cursor.BlockCount));
        }
    }

    private void Look(MergeCursor cursor, long end)
    {
        while (cursor.Read(end, out var extent))
        {
            cancellation.ThrowIfCancellationRequested();
            if (extent.State is BlockState.Absent or BlockState.Lost)
            {
                needsSalvage |= extent.State == BlockState.Absent || cursor.ProblemOf(extent) is not null;
                Lose(extent.First, extent.End);
            }
            else
            {
                damage[extent.Layer].Intersect(extent.First, extent.End, Lose);
            }
        }
    }

    private void Lose(long first, long end) =>
        joiner.Add(first * Header.BlockSize, Math.Min(end * Header.BlockSize, Header.SourceBytes));
}
