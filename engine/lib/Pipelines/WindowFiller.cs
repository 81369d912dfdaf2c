using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Pipelines;

/// <summary>Blocks that couldn't be brought back, and why.</summary>
internal readonly record struct BlockDamage(long FirstBlock, long Count, long Sequence, string Reason);

/// <summary>
/// Carries out a window's plan: reads and decodes the frames, puts each block in its place and proves it with its
/// identity hash. One a worker; damage is contained to its blocks.
/// </summary>
internal sealed class WindowFiller
{
    private readonly Lineage lineage;
    private readonly BlockHasher hasher;
    private readonly FrameCache frames;
    private readonly int blockSize;

    /// <param name="frames">The decoded frames of the lineage; they stay the caller's.</param>
    public WindowFiller(Lineage lineage, BlockHasher hasher, FrameCache frames)
    {
        this.lineage = lineage;
        this.hasher = hasher;
        blockSize = lineage.Header.BlockSize;
        this.frames = frames;
    }

    /// <summary>
    /// Fills the whole of <paramref name="window"/>, which has the plan's blocks. Damaged blocks become zeros and are
    /// added to <paramref name="damage"/>.
    /// </summary>
    public void Fill(WindowPlan plan, Span<byte> window, List<BlockDamage> damage)
    {
        var pieces = plan.Pieces;
        for (var i = 0; i < pieces.Length; i++)
        {
            ref readonly var piece = ref pieces[i];
            var target = window.Slice(piece.FirstInWindow * blockSize, piece.Count * blockSize);
            if (!piece.State.IsStored())
            {
                target.Clear();
                continue;
            }

            if (Take(plan, i, target) is { } problem)
            {
                target.Clear();
                Report(damage, plan.FirstBlock + piece.FirstInWindow, piece.Count, piece.Layer, problem);
                continue;
            }

            Prove(plan, piece, target, damage);
        }
    }

    /// <summary>Puts a piece's blocks into their place. Null, or what is wrong with their frame.</summary>
    private string? Take(WindowPlan plan, int number, Span<byte> target)
    {
        ref readonly var piece = ref plan.Pieces[number];
        var problem = default(string);
        var frame = piece.BlockInFrame == 0
            ? frames.Borrow(piece.Layer, piece.Frame, target, out problem)
            : frames.Borrow(piece.Layer, piece.Frame);
        if (frame is null)
        {
            return problem;
        }

        try
        {
            problem = frame.Problem;
            var start = piece.BlockInFrame * blockSize;
            if (problem is null && start + target.Length > frame.Plain.Length)
            {
                problem = "the frame holds fewer blocks than the index says";
            }

            if (problem is null)
            {
                frame.Plain.Slice(start, target.Length).CopyTo(target);
            }

            return problem;
        }
        finally
        {
            frames.Return(frame, IsLast(plan, number, frame));
        }
    }

    /// <summary>Whether a piece is the last of the volume's that comes from its frame.</summary>
    private static bool IsLast(WindowPlan plan, int number, CachedFrame frame)
    {
        for (var i = number + 1; i < plan.Pieces.Length; i++)
        {
            ref readonly var next = ref plan.Pieces[i];
            if (plan.FirstBlock + next.FirstInWindow >= frame.End)
            {
                return true;
            }

            if (next.Layer == frame.Layer && next.Frame == frame.Reference)
            {
                return false;
            }
        }

        return plan.FirstBlock + plan.Blocks >= frame.End;
    }

    private void Prove(WindowPlan plan, in WindowPiece piece, Span<byte> target, List<BlockDamage> damage)
    {
        var known = plan.HashesOf(piece);
        for (var i = hasher.FirstWrong(target, blockSize, known); i >= 0; i = hasher.FirstWrong(target, blockSize, known, i + 1))
        {
            target.Slice(i * blockSize, blockSize).Clear();
            Report(damage, plan.FirstBlock + piece.FirstInWindow + i, 1, piece.Layer, "the content doesn't have the hash in the index");
        }
    }

    private void Report(List<BlockDamage> damage, long first, long count, int layer, string reason)
    {
        var sequence = lineage[layer].Header.Sequence;
        if (damage.Count > 0)
        {
            var last = damage[^1];
            if (last.FirstBlock + last.Count == first && last.Sequence == sequence && last.Reason == reason)
            {
                damage[^1] = last with { Count = last.Count + count };
                return;
            }
        }

        damage.Add(new BlockDamage(first, count, sequence, reason));
    }
}
