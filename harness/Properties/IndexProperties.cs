using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Writing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Written indexes and their merge against dictionaries.</summary>
public class IndexProperties
{
    /// <summary>More levels than a machine word has bits.</summary>
    private const int MaxLevels = 70;

    [SeededProperty(40)]
    public void The_merge_of_any_levels_is_the_overlay_of_their_dictionaries(int seed, byte levelsDraw, bool few)
    {
        var random = new Random(seed);
        var levels = 1 + (levelsDraw % (few ? 5 : MaxLevels));
        var folder = new MemoryStore().CreateFolder("levels");
        var lineage = new List<ImageReader>();
        var known = new List<Dictionary<long, KnownBlock>>();
        try
        {
            // Newest first, as a lineage is; sizes differ, so newer images clip older ones.
            for (var i = 0; i < levels; i++)
            {
                var blocks = random.Next(4) == 0 ? random.NextInt64(0, 3000) : 3000;
                var builder = new LevelBuilder(folder, levels - i, blocks);
                lineage.Add(builder.Build(random, random.Next(1, 60), random.Next(1, 40)));
                known.Add(builder.Known);
            }

            CheckMerge(lineage, Overlay(lineage, known), random);
        }
        finally
        {
            lineage.ForEach(image => image.Dispose());
        }
    }

    [Fact]
    public void An_index_of_two_directory_levels_is_walked_and_skipped_through()
    {
        var random = Seed.Random();
        var folder = new MemoryStore().CreateFolder("deep");
        var builder = new LevelBuilder(folder, 1, 3_000_000);
        using var image = builder.Build(random, 60, 1);
        Assert.True(image.Footer.RootLevel >= 2, $"{image.Footer.Counts.IndexPages} pages make one level");

        var cursor = new ImageCursor(image, long.MaxValue);
        long blocks = 0;
        while (cursor.MoveNext())
        {
            for (var i = 0; i < cursor.Current.Count; i++)
            {
                AssertBlock(builder.Known[cursor.Current.First + i], cursor.Current, cursor.Current.State.IsStored() ? cursor.Hashes : [], i);
            }

            blocks += cursor.Current.Count;
        }

        Assert.Equal(builder.Known.Count, blocks);
        var ordered = builder.Known.Keys.Order().ToArray();
        for (var tries = 0; tries < 200; tries++)
        {
            // Forward jumps of all sizes, each from the beginning of a fresh walk.
            var skipping = new ImageCursor(image, long.MaxValue);
            for (long block = random.Next(1000); block < 3_000_000; block += 1 + random.NextInt64(1L << random.Next(1, 22)))
            {
                if (skipping.Current.End > block)
                {
                    // As the merge does: a cursor is moved only when its run is used up.
                    continue;
                }

                var i = Array.BinarySearch(ordered, block);
                i = i < 0 ? ~i : i;
                Assert.Equal(i < ordered.Length, skipping.MoveTo(block));
                if (i == ordered.Length)
                {
                    break;
                }

                Assert.True(skipping.Current.First <= ordered[i] && skipping.Current.End > ordered[i]);
            }
        }
    }

    [SeededProperty(60)]
    public void A_leaf_walks_back_to_the_runs_it_was_built_of(int seed)
    {
        var random = new Random(seed);
        var builder = new LeafBuilder();
        var added = new List<(IndexExtent Run, UInt128[] Hashes)>();
        var (at, offset) = (random.NextInt64(1L << 40), 0L);
        while (true)
        {
            var stored = random.Next(2) == 0;
            var count = stored ? random.Next(1, 200) : random.NextInt64(1, 1L << random.Next(1, 40));
            var hashes = new UInt128[stored ? count : 0];
            for (var i = 0; i < hashes.Length; i++)
            {
                hashes[i] = (UInt128)random.NextInt64() << 64 | (UInt128)random.NextInt64();
            }

            var frame = new FrameRef(offset + (random.Next(4) * ImageFormat.Alignment), random.Next(100, 5000));
            var run = stored
                ? new IndexExtent(at, count, BlockState.Data, frame, random.Next(2) * random.Next(50))
                : new IndexExtent(at, count, BlockState.Zero);
            var taken = builder.Add(run, hashes);
            if (taken > 0)
            {
                added.Add((run with { Count = taken }, stored ? hashes[..(int)taken] : []));
                offset = stored ? frame.Offset + frame.Length : offset;
            }

            if (taken < count)
            {
                break;
            }

            at += count + random.Next(5);
        }

        var page = new byte[ImageFormat.MaxPageSize];
        var header = builder.Finish(page, Guid.Empty, 3);
        var body = page.AsSpan(PageHeader.Size, header.BodyLength);
        var walker = new LeafWalker(header, header.BodyLength - (header.HashCount * ImageFormat.DigestSize), 1L << 50);
        foreach (var (run, hashes) in added)
        {
            Assert.True(walker.TryNext(body, out var read));
            Assert.Equal(run with { HashIndex = read.HashIndex }, read);
            Assert.True(LeafPage.Hashes(body, header.HashCount).Slice(read.HashIndex, hashes.Length).SequenceEqual(hashes));
        }

        Assert.False(walker.TryNext(body, out _));
        Assert.False(walker.Malformed);
    }

    [SeededProperty(300)]
    public void Any_bytes_walked_as_a_leaf_end_within_the_bounds_they_were_given(int seed, byte[] start)
    {
        var random = new Random(seed);
        var body = new byte[random.Next(1, PageHeader.MaxBody)];
        for (var i = 0; i < body.Length; i++)
        {
            body[i] = (byte)random.Next(random.Next(4) == 0 ? 256 : 26);
        }

        start.AsSpan(0, Math.Min(start.Length, body.Length)).CopyTo(body);
        var hashCount = random.Next(0, (body.Length / ImageFormat.DigestSize) + 1);
        var header = new PageHeader(
            0, random.Next(1, ushort.MaxValue), Guid.Empty, 0, random.Next(100), random.NextInt64(100, long.MaxValue), body.Length, hashCount);
        const long payload = 1 << 20;
        var walker = new LeafWalker(header, body.Length - (hashCount * ImageFormat.DigestSize), payload);
        var end = header.FirstBlock;
        while (walker.TryNext(body, out var run))
        {
            Assert.True(run.First >= end && run.Count > 0 && run.End <= header.EndBlock && run.End > run.First);
            end = run.End;
            if (run.State.IsStored())
            {
                Assert.True(run.HashIndex + run.Count <= hashCount);
                Assert.True(run.BlockInFrame + run.Count <= ImageFormat.MaxFrameBlocks);
                Assert.True(run.Frame.Offset >= 0 && run.Frame.Length > 0 && run.Frame.Offset + run.Frame.Length <= payload);
            }
        }
    }

    private static Dictionary<long, (int Level, KnownBlock Block)> Overlay(
        List<ImageReader> lineage, List<Dictionary<long, KnownBlock>> known)
    {
        var overlay = new Dictionary<long, (int, KnownBlock)>();
        var limit = long.MaxValue;
        for (var level = 0; level < lineage.Count; level++)
        {
            limit = Math.Min(limit, lineage[level].Header.BlockCount);
            foreach (var (block, state) in known[level])
            {
                if (block < limit)
                {
                    overlay.TryAdd(block, (level, state));
                }
            }
        }

        return overlay;
    }

    private static void CheckMerge(List<ImageReader> lineage, Dictionary<long, (int Level, KnownBlock Block)> overlay, Random random)
    {
        var merge = new MergeCursor(Lineage.Of(lineage[0], [.. lineage.Skip(1)]));
        while (merge.Position < merge.BlockCount)
        {
            var before = merge.Position;
            switch (random.Next(8))
            {
                case 0:
                    merge.SkipTo(Math.Min(merge.BlockCount, before + random.Next(1, 200)));
                    continue;
                case 1:
                    var zeros = merge.PeekZeros(out var zerosEnd);
                    Assert.Equal(overlay.TryGetValue(before, out var now) && now.Block.State.ReadsAsZeros(), zeros);
                    Assert.Equal(before, merge.Position);
                    for (var block = before; zeros && block < zerosEnd; block++)
                    {
                        Assert.True(overlay[block].Block.State.ReadsAsZeros());
                    }

                    break;
                default:
                    break;
            }

            var upTo = Math.Min(merge.BlockCount, before + random.Next(1, 100));
            Assert.True(merge.Read(upTo, out var run));
            Assert.Equal(before, run.First);
            Assert.True(run.Count > 0 && run.End <= upTo && merge.Position == run.End);
            for (var i = 0; i < run.Count; i++)
            {
                if (overlay.TryGetValue(before + i, out var expected))
                {
                    Assert.Equal(expected.Level, run.Layer);
                    var asIndex = new IndexExtent(run.First, run.Count, run.State, run.Frame, run.BlockInFrame);
                    AssertBlock(expected.Block, asIndex, run.State.IsStored() ? merge.Hashes : [], i);
                }
                else
                {
                    Assert.Equal(BlockState.Absent, run.State);
                    Assert.Equal(-1, run.Layer);
                }
            }
        }

        Assert.False(merge.Read(merge.BlockCount, out _));
    }

    private static void AssertBlock(in KnownBlock expected, in IndexExtent run, ReadOnlySpan<UInt128> hashes, int i)
    {
        Assert.Equal(expected.State, run.State);
        if (expected.State.IsStored())
        {
            Assert.Equal(expected.Hash, hashes[i]);
            Assert.Equal(expected.Frame, run.Frame);
            Assert.Equal(expected.BlockInFrame, run.BlockInFrame + i);
        }
    }
}
