using Tidemark.Engine.Images;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Operations;

/// <summary>
/// Tells whether damage that was found comes to light at a point in time: damage in an older image doesn't where every
/// damaged block was stored again since.
/// </summary>
internal static class PointCheck
{
    /// <param name="lineage">The image and its ancestors, newest first.</param>
    /// <param name="damage">What is damaged in each of them, in the same order.</param>
    public static bool IsWhole(IReadOnlyList<ImageReader> lineage, IReadOnlyList<DamagedBlocks> damage, CancellationToken cancellation)
    {
        if (damage.All(d => d.IsEmpty))
        {
            return true;
        }

        if (damage.Any(d => d.Unknown))
        {
            return false;
        }

        try
        {
            return damage.Any(d => d.InIndex)
                ? MergesWhole(lineage, damage, cancellation)
                : HidesDamage(lineage, damage, cancellation);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            // A damaged index page that the merge needs: a restore would end there too.
            return false;
        }
    }

    private static bool MergesWhole(IReadOnlyList<ImageReader> lineage, IReadOnlyList<DamagedBlocks> damage, CancellationToken cancellation)
    {
        var cursor = new MergeCursor(lineage);
        return Survives(cursor, cursor.BlockCount, damage, cancellation);
    }

    /// <summary>Only what is damaged is looked at; subtrees of the indexes between are skipped.</summary>
    private static bool HidesDamage(IReadOnlyList<ImageReader> lineage, IReadOnlyList<DamagedBlocks> damage, CancellationToken cancellation)
    {
        var cursor = new MergeCursor(lineage);
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

            if (!Survives(cursor, Math.Min(end, cursor.BlockCount), damage, cancellation))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Survives(MergeCursor cursor, long end, IReadOnlyList<DamagedBlocks> damage, CancellationToken cancellation)
    {
        while (cursor.Read(end, out var run))
        {
            cancellation.ThrowIfCancellationRequested();
            if (run.State == BlockState.Absent || damage[run.Level].Touches(run.First, run.End))
            {
                return false;
            }
        }

        return true;
    }
}
