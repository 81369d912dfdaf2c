using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// Walks the index of one image and goes on over damage: the blocks that a damaged page may have spoken of are told as
/// <see cref="BlockState.Lost"/>, since an older image must not be taken for what it said.
/// </summary>
internal sealed class SalvageCursor : RunCursor
{
    private readonly ImageReader image;
    private readonly IndexAudit audit;
    private readonly long limit;
    private readonly Queue<(long First, long End)> lost = [];
    private IndexRun run;
    private IndexRun next;
    private bool hasNext;
    private bool isNext;
    private long told;

    /// <param name="limit">Blocks from here on are left out: a newer image of the lineage was smaller.</param>
    public SalvageCursor(ImageReader image, long limit)
    {
        this.image = image;
        this.limit = Math.Min(limit, image.Header.BlockCount);
        audit = new IndexAudit(image, d => lost.Enqueue((d.FirstBlock, d.EndBlock)));
    }

    public override ImageReader Image => image;

    public override ref readonly IndexRun Current => ref run;

    public override ReadOnlySpan<UInt128> Hashes => isNext && run.State.IsStored() ? audit.Hashes(run) : [];

    public override bool MoveTo(long block)
    {
        while (true)
        {
            if (isNext)
            {
                hasNext = isNext = false;
            }

            if (!hasNext)
            {
                hasNext = audit.TryNext(out next);
            }

            if (lost.TryDequeue(out var range))
            {
                // Damage is told before the run that follows it, and never speaks of blocks that were told already.
                var first = Math.Max(range.First, told);
                run = new IndexRun(first, Math.Min(range.End, limit) - first, BlockState.Lost);
            }
            else if (hasNext)
            {
                isNext = true;
                run = next.End > limit ? next with { Count = limit - next.First } : next;
            }
            else
            {
                return false;
            }

            if (run.Count > 0)
            {
                told = run.End;
                if (run.End > block)
                {
                    return true;
                }
            }
        }
    }
}
