using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Pipelines;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// A whole folder: the chain is loaded and unlocked, and every point scrubbed and restored as far as the bounds go, with the stages of
/// the pipeline on one thread.
/// </summary>
internal static class ChainTarget
{
    /// <summary>The key that opens the encrypted chain of the corpus.</summary>
    public static readonly byte[] Key = new byte[KeySource.MinKeyFileBytes];

    public const int MostPoints = 4;
    private const int MostWindows = 512;
    private const int WindowBytes = ImageFormat.MaxBlockSize;

    /// <summary>As few decoded frames as a cache keeps.</summary>
    private const int CacheBytes = 1;

    private static readonly PayloadScrub Scrub = new();
    private static readonly GuardedMemory Window = new(WindowBytes);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var folder = FolderInput.Read(input);
        _ = Chain.IsChain(folder);
        using (var chain = Chain.Load(folder))
        {
            FindException.Unless(NextSequence(chain) > 0, "The next image would have no number.");
            using var key = KeySource.FromKey(Key);
            chain.Unlock(key);
            _ = chain.NewestWhole();
            foreach (var sequence in chain.RestorablePoints().Take(MostPoints))
            {
                var image = chain.Get(sequence);
                _ = image.TryReadMetadata();
                Scrub.Run(image, _ => { }, _ => { }, default);
                _ = Restore(chain, image);
            }
        }

        ChainTaken.Take(folder).Dispose();
    }

    /// <summary>A folder that takes no more images can still be restored.</summary>
    private static long NextSequence(Chain chain)
    {
        try
        {
            return chain.NextSequence;
        }
        catch (TidemarkException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>Restores a point as far as the bounds go.</summary>
    /// <returns>What was damaged; null where the bounds ended it.</returns>
    internal static List<BlockDamage>? Restore(Chain chain, ImageReader image)
    {
        var lineage = chain.Lineage(image);
        var blockSize = image.Header.BlockSize;
        var plan = new RestorePlan(new MergeCursor(lineage), blockSize, WindowBytes / blockSize);
        var window = new WindowPlan(WindowBytes / blockSize);
        using var frames = new FrameCache(lineage, new CacheBudget(CacheBytes, lineage.Header.BlockSize), keepsSpent: false);
        var filler = new WindowFiller(lineage, chain.Hasher(image), frames);
        List<BlockDamage> damage = [];
        var next = 0L;
        for (var i = 0; i < MostWindows && plan.TryNext(window, out var empty); i++)
        {
            var (first, count) = empty.Count > 0 ? (empty.First, empty.Count) : (window.FirstBlock, window.Blocks);
            FindException.Unless(first == next && count > 0, $"After block {next} comes {first}, {count} blocks.");
            next = first + count;
            FindException.Unless(next <= image.Header.BlockCount, $"Block {next} of {image.Header.BlockCount} would be written.");
            if (empty.Count == 0)
            {
                filler.Fill(window, Window.Take(window.Blocks * blockSize), damage);
            }
        }

        return next == image.Header.BlockCount ? damage : null;
    }
}
