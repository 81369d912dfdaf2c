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
internal sealed class WindowFiller : IDisposable
{
    private readonly Lineage lineage;
    private readonly BlockHasher hasher;
    private readonly FrameCache frames;
    private readonly int blockSize;
    private readonly UInt128[] hashes;

    /// <param name="cacheBytes">Decoded frames to keep.</param>
    public WindowFiller(Lineage lineage, BlockHasher hasher, int cacheBytes)
    {
        this.lineage = lineage;
        this.hasher = hasher;
        blockSize = lineage.Header.BlockSize;
        frames = new FrameCache(lineage, cacheBytes);
        hashes = new UInt128[ImageFormat.MaxFrameBlocks];
    }

    /// <summary>
    /// Fills the whole of <paramref name="window"/>, which has the plan's blocks. Damaged blocks become zeros and are
    /// added to <paramref name="damage"/>.
    /// </summary>
    public void Fill(WindowPlan plan, Span<byte> window, List<BlockDamage> damage)
    {
        foreach (ref readonly var piece in plan.Pieces)
        {
            var target = window.Slice(piece.FirstInWindow * blockSize, piece.Count * blockSize);
            if (!piece.State.IsStored())
            {
                target.Clear();
                continue;
            }

            var plain = frames.Read(piece.Layer, piece.Frame, piece.BlockInFrame == 0 ? target : [], out var problem);
            if (problem is null && (piece.BlockInFrame + piece.Count) * blockSize > plain.Length)
            {
                problem = "the frame holds fewer blocks than the index says";
            }

            if (problem is not null)
            {
                target.Clear();
                Report(damage, plan.FirstBlock + piece.FirstInWindow, piece.Count, piece.Layer, problem);
                continue;
            }

            if (plain != target)
            {
                plain.Slice(piece.BlockInFrame * blockSize, target.Length).CopyTo(target);
            }

            Prove(plan, piece, target, damage);
        }
    }

    public void Dispose() => frames.Dispose();

    private void Prove(WindowPlan plan, in WindowPiece piece, Span<byte> target, List<BlockDamage> damage)
    {
        var known = plan.HashesOf(piece);
        var its = hashes.AsSpan(0, piece.Count);
        hasher.HashBlocks(target, blockSize, its);
        if (its.SequenceEqual(known))
        {
            return;
        }

        for (var i = 0; i < piece.Count; i++)
        {
            if (its[i] != known[i])
            {
                target.Slice(i * blockSize, blockSize).Clear();
                Report(
                    damage, plan.FirstBlock + piece.FirstInWindow + i, 1, piece.Layer, "the content doesn't have the hash in the index");
            }
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
