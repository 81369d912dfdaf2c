using Tidemark.Engine.Chains;
using Tidemark.Engine.Index;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// The index as a tree: directory pages and leaves, each sealed, walked as every operation walks them. The input is the
/// root's level u8, then pages of length u16 and bytes without digest, the root first.
/// </summary>
internal static class DirectoryTarget
{
    private const int MostRuns = 100_000;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var folder = IndexImage.Build(input, out var blocks);
        using var chain = Chain.Load(folder);
        var image = chain.Get(1);
        var all = Walk(new ImageCursor(image, blocks), 0);
        FindException.Unless(Walk(new ImageCursor(image, blocks), 3) <= all, "Walking with skips finds more runs.");
    }

    private static int Walk(ImageCursor cursor, long stride)
    {
        var runs = 0;
        var end = 0L;
        while (cursor.MoveTo(end + stride))
        {
            var run = cursor.Current;
            FindException.Unless(run.Count > 0 && run.End > end && (stride > 0 || run.First >= end), $"Run {run} is out of order.");
            end = run.End;
            FindException.Unless(++runs < MostRuns, "The walk has no end.");
            if (run.State == Engine.Format.BlockState.Data)
            {
                FindException.Unless(cursor.Hashes.Length == run.Count, $"Run {run} has {cursor.Hashes.Length} hashes.");
            }
        }

        return runs;
    }
}
