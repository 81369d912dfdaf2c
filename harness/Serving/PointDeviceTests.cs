using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Serving;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Keys;
using Tidemark.Harness.Properties;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Serving;

/// <summary>The reader of any point in time against what was imaged, and against damage.</summary>
public class PointProbeTests
{
    private const int BlockSize = 4096;

    // More than one region of the index, and an odd end.
    private const int Length = (PointIndex.RegionBlocks * BlockSize) + (3 << 20) + 777;

    [Theory]
    [InlineData(HashAlgorithm.Xxh128, Codec.Zstd, false)]
    [InlineData(HashAlgorithm.Blake3, Codec.Lz4, true)]
    public void Every_point_reads_as_it_was_at_any_offset(HashAlgorithm hash, Codec codec, bool encrypted)
    {
        var random = Seed.Random();
        using var points = new Points(random, hash, codec, encrypted ? TestKeys.Passphrase("secret") : null);
        for (var sequence = points.Content.Count; sequence > 0; sequence--)
        {
            var content = points.Content[sequence - 1];
            using var device = points.Open(sequence, cacheBytes: 1 << 20);
            var buffer = new byte[700_000];
            for (var round = 0; round < 150; round++)
            {
                var length = random.Next(1, 1 << random.Next(1, 20));
                var offset = random.Next(0, content.Length - length);
                device.ReadAt(offset, buffer.AsSpan(0, length));
                Assert.True(content.AsSpan(offset, length).SequenceEqual(buffer.AsSpan(0, length)), $"{length} bytes at {offset}");
            }

            device.ReadAt(content.Length - 1, buffer.AsSpan(0, 1));
            Assert.Equal(content[^1], buffer[0]);
            CheckExtents(device, content);
        }
    }

    [Fact]
    public async Task Many_threads_read_at_once_with_hardly_any_cache()
    {
        var random = Seed.Random();
        using var points = new Points(random, HashAlgorithm.Xxh128, Codec.Zstd, null);
        var content = points.Content[^1];
        using var device = points.Open(points.Content.Count, cacheBytes: 1);
        var seeds = Enumerable.Range(0, 8).Select(_ => random.Next()).ToArray();
        await Task.WhenAll(seeds.Select(seed => Task.Run(() =>
        {
            var own = new Random(seed);
            var buffer = new byte[100_000];
            for (var round = 0; round < 200; round++)
            {
                var length = own.Next(1, buffer.Length);
                var offset = own.Next(0, content.Length - length);
                device.ReadAt(offset, buffer.AsSpan(0, length));
                Assert.True(content.AsSpan(offset, length).SequenceEqual(buffer.AsSpan(0, length)), $"{length} bytes at {offset}");
            }
        })));
    }

    [Fact]
    public void A_damaged_frame_is_an_error_for_its_own_blocks()
    {
        using var points = new Points(Seed.Random(), HashAlgorithm.Xxh128, Codec.Zstd, null);
        var content = points.Content[0];
        points.Flip(1, points.FrameOf(1));
        using var device = points.Open(1, 1 << 20);
        var failed = 0;
        var buffer = new byte[BlockSize];
        for (var offset = 0; offset + BlockSize <= content.Length; offset += BlockSize)
        {
            try
            {
                device.ReadAt(offset, buffer);
                Assert.True(content.AsSpan(offset, BlockSize).SequenceEqual(buffer), $"block at {offset}");
            }
            catch (DeviceIoException e)
            {
                Assert.Equal(offset, e.Offset);
                failed++;
            }
        }

        Assert.InRange(failed, 1, ImageFormat.DefaultFrameBytes / BlockSize);
    }

    [Fact]
    public void A_damaged_index_page_is_an_error_for_its_own_blocks()
    {
        using var points = new Points(Seed.Random(), HashAlgorithm.Xxh128, Codec.Zstd, null);
        var content = points.Content[0];
        var (leaf, first, end) = points.LeafOf(1);
        points.Flip(1, leaf);
        using var device = points.Open(1, 1 << 20);
        var failed = 0;
        var buffer = new byte[BlockSize];
        for (var offset = 0; offset + BlockSize <= content.Length; offset += BlockSize)
        {
            try
            {
                device.ReadAt(offset, buffer);
                Assert.True(content.AsSpan(offset, BlockSize).SequenceEqual(buffer), $"block at {offset}");
            }
            catch (DeviceIoException)
            {
                Assert.InRange(offset / BlockSize, first, end - 1);
                failed++;
            }
        }

        Assert.True(failed > 0);
    }

    [SeededProperty(30)]
    public void A_merge_goes_anywhere_and_tells_what_it_tells_in_order(int seed, byte levelsDraw)
    {
        var random = new Random(seed);
        var levels = 1 + (levelsDraw % 20);
        var folder = new MemoryStore().CreateFolder("levels");
        var lineage = new List<ImageReader>();
        try
        {
            for (var i = 0; i < levels; i++)
            {
                lineage.Add(new LevelBuilder(folder, levels - i, 6000).Build(random, random.Next(1, 60), random.Next(1, 40)));
            }

            var point = Lineage.Of(lineage[0], [.. lineage.Skip(1)]);
            var jumping = new MergeCursor(point);
            for (var jumps = 0; jumps < 20; jumps++)
            {
                var block = random.Next(6000);
                var streaming = new MergeCursor(point);
                streaming.SkipTo(block);
                jumping.SeekTo(block);
                for (var runs = 0; runs < 5 && streaming.Read(6000, out var expected); runs++)
                {
                    Assert.True(jumping.Read(6000, out var found));
                    Assert.Equal(expected, found);
                    if (expected.State.IsStored())
                    {
                        Assert.True(streaming.Hashes.SequenceEqual(jumping.Hashes));
                    }
                }
            }
        }
        finally
        {
            lineage.ForEach(image => image.Dispose());
        }
    }

    [Fact]
    public void Tables_and_frames_keep_to_their_bounds()
    {
        var random = Seed.Random();
        using var points = new Points(random, HashAlgorithm.Xxh128, Codec.Zstd, null);
        using var chain = points.Fixture.Load();
        var budget = new CacheBudget(capacity: 1, BlockSize);
        var index = new PointIndex(chain.Lineage(chain.Get(1)), budget);
        for (var round = 0; round < 50; round++)
        {
            var block = random.NextInt64(index.BlockCount);
            var table = index.Borrow(block);
            Assert.True(table.First <= block && table.End > block);
            Assert.Equal(table.Bytes, budget.Bytes);
            index.Return(table);
        }
    }

    private static void CheckExtents(PointDevice device, byte[] content)
    {
        var (holes, at) = (0L, 0L);
        while (at < device.Length)
        {
            var extent = device.ExtentAt(at);
            Assert.InRange(extent.Length, 1, device.Length - at);
            if (extent.Kind == ExtentKind.Unallocated)
            {
                Assert.Equal(-1, content.AsSpan((int)at, (int)extent.Length).IndexOfAnyExcept((byte)0));
                holes += extent.Length;
            }

            at = extent.End;
        }

        Assert.True(holes > 1 << 20);
    }

    /// <summary>A chain of a few images of a device that changes, grows and shrinks.</summary>
    private sealed class Points : IDisposable
    {
        private readonly MemoryStore store = new();
        private readonly List<IDisposable> open = [];

        public Points(Random random, HashAlgorithm hash, Codec codec, KeySource? key)
        {
            Fixture = new ChainFixture(store.CreateFolder("chain"), BlockSize, hash, codec, key, (ulong)random.NextInt64());
            var device = new MemoryDevice(Length);
            for (var image = 0; image < 5; image++)
            {
                for (var change = 0; change < (image == 0 ? 120 : 60); change++)
                {
                    var bytes = new byte[random.Next(1, 200_000)];
                    if (random.Next(2) == 0)
                    {
                        random.NextBytes(bytes);
                    }
                    else
                    {
                        bytes.AsSpan().Fill((byte)random.Next(256));
                    }

                    device.WriteAt(change == 0 ? 0 : random.Next(0, (int)device.Length - bytes.Length), bytes);
                }

                device.WriteZeros(random.Next(8 << 20, (int)device.Length - (4 << 20)), 3 << 20);
                Fixture.Backup(device, image == 0 ? ImageKind.Full : ImageKind.Incremental);
                Content.Add(device.Content.ToArray());
                device.Resize(image switch { 1 => Length - (5 << 20), 2 => Length + 4096, _ => (int)device.Length });
            }
        }

        public ChainFixture Fixture { get; }

        public List<byte[]> Content { get; } = [];

        public PointDevice Open(long sequence, long cacheBytes)
        {
            var chain = Fixture.Load();
            open.Add(chain);
            var image = chain.Get(sequence);
            return new PointDevice(chain.Lineage(image), chain.Hasher(image), cacheBytes);
        }

        /// <summary>Where in an image's payload a frame lies: that of its first blocks with content.</summary>
        public long FrameOf(long sequence)
        {
            using var chain = Fixture.Load();
            var cursor = new ImageCursor(chain.Get(sequence), long.MaxValue);
            // What a seed fills with zeros, or leaves as it was, has none.
            do
            {
                Assert.True(cursor.MoveNext());
            }
            while (cursor.Current.State != BlockState.Data);

            return cursor.Current.Frame.Offset + (cursor.Current.Frame.Length / 2);
        }

        /// <summary>Where the middle of some leaf lies, and the blocks it speaks of.</summary>
        public (long Middle, long First, long End) LeafOf(long sequence)
        {
            using var chain = Fixture.Load();
            var image = chain.Get(sequence);
            Assert.Equal(1, image.Footer.RootLevel);
            var page = new byte[ImageFormat.MaxPageSize];
            Assert.Null(image.TryReadPage(image.Footer.Root!.Value, page, out var header));
            var leaf = Ref(header.Entries / 2);
            var end = (header.Entries / 2) + 1 < header.Entries ? Ref((header.Entries / 2) + 1).FirstBlock : long.MaxValue;
            return (leaf.Offset + (leaf.Length / 2), leaf.FirstBlock, end);

            PageRef Ref(int entry)
            {
                Assert.True(PageRef.TryRead(page.AsSpan(PageHeader.Size + (entry * PageRef.Size)), image.PayloadLength, out var found));
                return found;
            }
        }

        public void Flip(long sequence, long payloadOffset)
        {
            var folder = (MemoryStoreFolder)Fixture.Folder;
            folder.Content(ImageNames.Part(sequence, 0)).Flip(ImageFormat.HeaderSize + payloadOffset);
        }

        public void Dispose() => open.ForEach(o => o.Dispose());
    }
}
