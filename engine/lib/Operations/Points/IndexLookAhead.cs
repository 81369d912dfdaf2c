using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Points;

/// <summary>
/// Merges all of the index that a part of a point in time needs before a byte of its target is written: a page that turned
/// out to be damaged half way would leave the target neither old nor new. No frame is read for it, so it costs a few
/// thousandths of what the restore reads.
/// </summary>
internal static class IndexLookAhead
{
    /// <param name="cursor">At its beginning; one that salvages goes on over damage.</param>
    /// <returns>Blocks of the part that are unreadable.</returns>
    /// <exception cref="TidemarkException">The index is damaged or leaves out blocks.</exception>
    public static long Run(Chain chain, ImageReader image, MergeCursor cursor, bool salvages, ByteRange part, CancellationToken cancellation)
    {
        var unreadable = 0L;
        var (first, end) = part.Blocks(image.Header.BlockSize);
        cursor.SkipTo(first);
        try
        {
            while (cursor.Read(end, out var extent))
            {
                cancellation.ThrowIfCancellationRequested();
                if (extent.State == BlockState.Absent && !salvages)
                {
                    RestorePlan.RequireKnown(extent);
                }

                unreadable += extent.State == BlockState.Unreadable ? extent.Count : 0;
            }
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            throw TidemarkException.Damaged(
                $"Image {image.Header.Sequence} of {chain.Folder.Name} can't be restored whole, and nothing was written. {e.Message}",
                e,
                Advice.Salvage);
        }

        return unreadable;
    }
}
