using Tidemark.Engine.Allocation;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Serving;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Free blocks: not read, not stored, not compared, and not written; and a used one never taken for free.</summary>
public class FreeBlocksProperties
{
    private const int BlockSize = 4096;

    [SeededProperty(300)]
    public void What_is_used_is_read_and_what_is_free_isnt_handed_on(int seed, byte blocksDraw)
    {
        var random = new Random(seed);
        var blockSize = BlockSize << random.Next(5);
        var transfer = blockSize * random.Next(1, 200);
        var length = (blocksDraw * blockSize) + (random.Next(2) * random.Next(blockSize));
        var map = ListedMap.Draw(random, random.Next(3) == 0 ? length / 3 : length, random.Next(2) == 0 ? 512 : blockSize);
        var plan = new ScanPlan(new NoisyDevice(new byte[length], null, random), length, blockSize, transfer, new MappedBlocks(map, length, blockSize));
        var gaps = new ulong[plan.GapWords];
        long position = 0;
        while (plan.TryNext(out var item, gaps))
        {
            Assert.Equal(position, item.Offset);
            Assert.True(item.Length > 0 && (item.End == length || item.End % blockSize == 0));
            Assert.True(!item.Read || item.Offset / transfer == (item.End - 1) / transfer);
            for (var at = item.Offset; at < item.End; at += blockSize)
            {
                var end = Math.Min(at + blockSize, length);
                var block = (int)((at - item.Offset) / blockSize);
                var isGap = item.Read && (gaps[block / 64] >> (block % 64) & 1) != 0;
                var isUsed = end > map.Length || map.Has(AllocationState.Used, at, end);
                Assert.True(!isUsed || (item.Read && !isGap), $"block at {at} is used and wasn't read");
                if (!isUsed && item.Read && !isGap)
                {
                    // Half free and half left out.
                    Assert.True(map.Has(AllocationState.Free, at, end) && map.Has(AllocationState.Excluded, at, end));
                }

                Assert.True(item.State != BlockState.Excluded || !map.Has(AllocationState.Free, at, end));
                Assert.True((item.State != BlockState.Free && !isGap) || !map.Has(AllocationState.Excluded, at, end));
            }

            position = item.End;
        }

        Assert.Equal(length, position);
    }

    [SeededProperty(60)]
    public void A_source_whose_free_blocks_change_at_every_read_is_imaged_and_restored(int seed)
    {
        var random = new Random(seed);
        var blocks = random.Next(1, 600);
        var length = (blocks * (long)BlockSize) - (random.Next(2) * random.Next(BlockSize));
        var fixture = new ChainFixture(new MemoryStoreFolder("memory:chain", "chain"), BlockSize, HashAlgorithm.Xxh128, Codec.Lz4, null, (ulong)seed)
        {
            Queue = new IoQueueOptions(4, 64 << 10),
        };
        var content = new byte[length];
        random.NextBytes(content);
        ListedMap? map = null;
        for (var image = 1; image <= 4; image++)
        {
            if (image == 1 || random.Next(3) > 0)
            {
                // Whole blocks: of one that is used in part, the rest is read, and differs.
                map = random.Next(5) == 0 ? null : ListedMap.Draw(random, length, BlockSize);
                random.NextBytes(content.AsSpan(0, random.Next((int)length)));
            }

            fixture.Map = map;
            fixture.Backup(new NoisyDevice(content, map, random), image == 1 ? ImageKind.Full : ImageKind.Incremental);
            var again = fixture.Backup(new NoisyDevice(content, map, random), ImageKind.Incremental);
            Assert.Equal(0, again.Counts.ChangedBlocks);
            using var chain = fixture.Load();
            RequirePoint(chain, content, map, random);
        }
    }

    [Fact]
    public void A_map_that_fails_in_mid_scan_leaves_nothing_out()
    {
        var random = Seed.Random();
        var length = 300L * BlockSize;
        var content = new byte[length];
        random.NextBytes(content);
        var fixture = new ChainFixture(new MemoryStoreFolder("memory:chain", "chain"), BlockSize, HashAlgorithm.Xxh128, Codec.None, null, 1)
        {
            Map = new ListedMap([new AllocationExtent(0, length, AllocationState.Free)]) { FailsFrom = 0 },
        };
        Assert.Equal("a record isn't what it was", fixture.Backup(new MemoryDevice([.. content]), ImageKind.Full).MapProblem);
        Assert.Equal(content, fixture.Restore(1, out _));
    }

    [SeededProperty(100)]
    public void A_restore_leaves_free_blocks_but_for_the_places_where_signatures_lie(int seed)
    {
        var random = new Random(seed);
        var blocks = random.Next(20, 400);
        var length = blocks * (long)BlockSize;
        var fixture = new ChainFixture(new MemoryStoreFolder("memory:chain", "chain"), BlockSize, HashAlgorithm.Xxh128, Codec.Lz4, null, (ulong)seed);
        var content = new byte[length];
        random.NextBytes(content);
        var map = ListedMap.Draw(random, length, BlockSize);
        fixture.Map = map;
        fixture.Backup(new MemoryDevice([.. content]), ImageKind.Full);
        var zeroed = new List<(long First, long End)>();
        for (long at = random.Next(40); at < blocks; at += random.Next(2, 60))
        {
            var end = Math.Min(blocks, at + random.Next(1, 20));
            zeroed.Add((at, end));
            at = end;
        }

        using var chain = fixture.Load();
        var before = new byte[length];
        random.NextBytes(before);
        var after = RestoreKept(chain, before, new KeptFree(zeroed), delta: random.Next(2) == 0);
        for (long block = 0; block < blocks; block++)
        {
            var its = after.AsSpan((int)(block * BlockSize), BlockSize);
            var state = map.ExtentAt(block * BlockSize).State;
            if (state == AllocationState.Used)
            {
                Assert.True(its.SequenceEqual(content.AsSpan((int)(block * BlockSize), BlockSize)));
            }
            else if (state == AllocationState.Excluded || zeroed.Exists(z => block >= z.First && block < z.End))
            {
                Assert.True(Layout.AllZero(its), $"block {block}");
            }
        }
    }

    private static byte[] RestoreKept(Chain chain, byte[] before, KeptFree kept, bool delta)
    {
        var image = chain.Tip!;
        var lineage = chain.Lineage(image);
        var hasher = chain.Hasher(image);
        var target = new MemoryDevice(before);
        using var queue = target.OpenQueue(new IoQueueOptions(4, 64 << 10));
        using var pipeline = new WindowPipeline(lineage, hasher, queue, 2);
        if (!delta)
        {
            var left = new List<(long, long)>();
            pipeline.Run(
                new RestorePlan(new MergeCursor(lineage), BlockSize, 16, kept: kept, byFrames: true), target.WriteZeros, () => { }, "target", default,
                (offset, length) => left.Add((offset, length)));
            return target.Content.ToArray();
        }

        using var scan = new SourceScan(target, hasher, BlockSize, new IoQueueOptions(4, 64 << 10));
        var plan = new DeltaPlan(new MergeCursor(lineage), 16, 1);
        var pipe = new DeltaPipeline(
            new MergeCursor(lineage), plan, () => pipeline.Run(plan, target.WriteZeros, () => { }, "target", default), BlockSize,
            hasher.HashBlock(new byte[BlockSize]), kept);
        scan.Run(pipe, () => { }, default);
        pipe.Complete();
        return target.Content.ToArray();
    }

    /// <summary>The tip is as the source where it was used, to whoever reads it.</summary>
    private static void RequirePoint(Chain chain, byte[] content, ListedMap? map, Random random)
    {
        var before = new byte[content.Length];
        random.NextBytes(before);
        var restored = RestoreKept(chain, before, new KeptFree([]), delta: random.Next(2) == 0);
        var image = chain.Tip!;
        using var served = new PointDevice(chain.Lineage(image), chain.Hasher(image), PointDevice.DefaultCacheBytes);
        var read = new byte[content.Length];
        served.ReadAt(0, read);
        for (var at = 0; at < content.Length; at += BlockSize)
        {
            var size = Math.Min(BlockSize, content.Length - at);
            var its = content.AsSpan(at, size);
            if (map is null || map.Has(AllocationState.Used, at, at + size))
            {
                Assert.True(restored.AsSpan(at, size).SequenceEqual(its), $"restored at {at}");
                Assert.True(read.AsSpan(at, size).SequenceEqual(its), $"served at {at}");
            }
            else if (!map.Has(AllocationState.Free, at, at + size))
            {
                Assert.True(Layout.AllZero(restored.AsSpan(at, size)) && Layout.AllZero(read.AsSpan(at, size)));
            }
            else if (!map.Has(AllocationState.Excluded, at, at + size))
            {
                Assert.True(Layout.AllZero(read.AsSpan(at, size)), $"served free at {at}");
            }
        }
    }

    /// <summary>Reads something else in each free byte every time.</summary>
    private sealed class NoisyDevice(byte[] content, ListedMap? map, Random random) : BlockDevice
    {
        public override string Name => "noise";

        public override DeviceGeometry Geometry { get; } = DeviceGeometry.OfBytes(content.Length);

        public override void ReadAt(long offset, Span<byte> buffer)
        {
            content.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
            for (var at = offset; map is not null && at < offset + buffer.Length;)
            {
                var extent = map.ExtentAt(at);
                var size = (int)Math.Min(extent.Length, offset + buffer.Length - at);
                if (extent.State != AllocationState.Used)
                {
                    random.NextBytes(buffer.Slice((int)(at - offset), size));
                }

                at += size;
            }
        }
    }
}
