using System.Globalization;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>What dumpe2fs, the judge of ext maps, says of a volume: its block size and which blocks are free.</summary>
internal sealed class Dumpe2fs
{
    private Dumpe2fs(int blockSize, long blockCount, List<(long Start, long End)> free)
    {
        BlockSize = blockSize;
        BlockCount = blockCount;
        Free = free;
    }

    public int BlockSize { get; }

    public long BlockCount { get; }

    /// <summary>Runs of free blocks, in order.</summary>
    public IReadOnlyList<(long Start, long End)> Free { get; }

    /// <summary>What it says of an image; fails where it takes exception to it.</summary>
    public static Dumpe2fs Of(string image) => Parse(Tool.Run("dumpe2fs", image).Output);

    /// <summary>The same; null where it can't read a bitmap.</summary>
    public static Dumpe2fs? TryOf(string image) => Tool.Try("dumpe2fs", image) is { ExitCode: 0 } result ? Parse(result.Output) : null;

    /// <summary>Runs of blocks as a field of all blocks.</summary>
    public bool[] Blocks(IEnumerable<(long Start, long End)> runs)
    {
        var blocks = new bool[BlockCount];
        foreach (var (start, end) in runs)
        {
            blocks.AsSpan((int)start..(int)end).Fill(true);
        }

        return blocks;
    }

    private static Dumpe2fs Parse(string output)
    {
        var lines = output.Split('\n');
        long Number(string name) => long.Parse(
            lines.First(line => line.StartsWith(name + ':', StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);

        var blockSize = (int)Number("Block size");
        var blockCount = Number("Block count");
        // With bigalloc a run ends with the first block of its last cluster.
        var cluster = lines.Any(line => line.StartsWith("Cluster size:", StringComparison.Ordinal)) ? (int)(Number("Cluster size") / blockSize) : 1;
        var free = new List<(long, long)>();
        foreach (var line in lines.Where(line => line.StartsWith("  Free blocks:", StringComparison.Ordinal)))
        {
            foreach (var range in line["  Free blocks:".Length..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var ends = range.Split('-').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
                free.Add((ends[0], Math.Min(ends[^1] + cluster, blockCount)));
            }
        }

        return new Dumpe2fs(blockSize, blockCount, free);
    }

    /// <summary>Fails unless a map says the same of each block.</summary>
    public void AssertSame(IReadOnlyList<(long Start, long End)> free)
    {
        var expected = Merged(Free.Select(run => (run.Start * BlockSize, run.End * BlockSize)));
        Assert.Equal(expected, Merged(free));
    }

    private static List<(long Start, long End)> Merged(IEnumerable<(long Start, long End)> runs)
    {
        var merged = new List<(long Start, long End)>();
        foreach (var run in runs)
        {
            if (merged.Count > 0 && merged[^1].End == run.Start)
            {
                merged[^1] = (merged[^1].Start, run.End);
            }
            else
            {
                merged.Add(run);
            }
        }

        return merged;
    }
}
