using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Writing;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Nothing per block on the heap: what a run allocates doesn't grow with the volume.</summary>
public class AllocationTests
{
    private const int MiB = 1 << 20;

    /// <summary>
    /// What two runs may differ by, whatever their size: lists that double, a few pages' references, and an allocation
    /// window of 8 KiB that another test's collection closed. Far less than one object for each of the blocks that the
    /// larger volume has more.
    /// </summary>
    private const long Slack = 16 << 10;

    private const int Small = 16 * MiB;

    private const int Large = 64 * MiB;

    [Theory]
    [InlineData(HashAlgorithm.Xxh128, false)]
    [InlineData(HashAlgorithm.Blake3, false)]
    [InlineData(HashAlgorithm.Xxh128, true)]
    public void A_scan_in_which_nothing_changed_allocates_nothing_per_block(HashAlgorithm hash, bool fromFile)
    {
        using var folder = new TempFolder();
        var small = Allocated(Source(folder, Small, fromFile), hash, ImageKind.Incremental);
        var large = Allocated(Source(folder, Large, fromFile), hash, ImageKind.Incremental);
        Assert.True(large - small < Slack, $"{Small} bytes took {small} from the heap, and {Large} bytes {large}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_thread_that_reads_for_a_full_image_allocates_nothing_per_block(bool fromFile)
    {
        using var folder = new TempFolder();
        var small = Allocated(Source(folder, Small, fromFile), HashAlgorithm.Xxh128, ImageKind.Full);
        var large = Allocated(Source(folder, Large, fromFile), HashAlgorithm.Xxh128, ImageKind.Full);

        // The store in memory isn't counted: its file grows on the thread that writes.
        Assert.True(large - small < Slack, $"{Small} bytes took {small} from the heap, and {Large} bytes {large}");
    }

    [Theory]
    [InlineData(Codec.None)]
    [InlineData(Codec.Lz4)]
    [InlineData(Codec.Zstd)]
    public void Frames_after_the_first_allocate_nothing(Codec codec)
    {
        const int bytes = ImageFormat.DefaultFrameBytes;
        using var encoder = new FrameEncoder(codec, Math.Max(1, FrameCodec.DefaultLevel(codec)), null, Guid.Empty, bytes);
        using var decoder = new FrameDecoder();
        var plain = FileTree.Content(Seed.Random(), bytes);
        var frame = new byte[FrameEncoder.Room(bytes)];
        var back = new byte[bytes];
        BlockRange[] ranges = [new(3, bytes / 4096, BlockState.Data)];
        RoundTrips(1);
        Assert.Equal(0, HeapUse.Least(() => RoundTrips(20)));

        void RoundTrips(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var length = encoder.Encode(plain, ranges, i, frame);
                if (decoder.Decode(frame.AsSpan(0, length), Guid.Empty, 4096, null, back, out _) is not null)
                {
                    Assert.Fail("the frame doesn't come back");
                }
            }
        }
    }

    [Fact]
    public void Writing_and_walking_an_index_allocates_nothing_per_block()
    {
        using var folder = new TempFolder();
        WriteAndWalk(folder, 1, 1000);
        var small = WriteAndWalk(folder, 2, 20_000);
        var large = WriteAndWalk(folder, 3, 200_000);
        Assert.True(large - small < Slack, $"20,000 blocks took {small} from the heap, and 200,000 blocks {large}");
    }

    private static long WriteAndWalk(TempFolder folder, long sequence, int blocks)
    {
        var header = new ImageHeader
        {
            ChainId = Guid.Empty,
            ImageId = Guid.Empty,
            Sequence = sequence,
            Kind = ImageKind.Full,
            BlockSize = 4096,
            Hash = HashAlgorithm.Xxh128,
            Codec = Codec.None,
            Created = DateTimeOffset.UnixEpoch,
            SourceBytes = blocks * 8192L,
            LogicalSectorSize = 512,
            PhysicalSectorSize = 512,
            HashKey = new byte[BlockHasher.KeySize],
            Identity = SourceIdentity.None,
            ChainName = "",
        };
        var bytes = new byte[512];
        UInt128[] hash = [1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var image = new ImageWriter(LocalStoreFolder.Open(folder), header, null))
        {
            for (var i = 0; i < blocks; i++)
            {
                var frame = image.AppendFrame(bytes, 4096);
                image.AddExtent(new IndexExtent(i * 2L, 1, BlockState.Data, frame), hash);
            }

            image.Finish(new ImageMetadata(), 0);
            image.Commit();
        }

        using var reader = ImageReader.Open(LocalStoreFolder.Open(folder), [ImageNames.Part(sequence, 0)]);
        var merge = new MergeCursor(Lineage.Of(reader));
        while (merge.Read(merge.BlockCount, out _))
        {
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static BlockDevice Source(TempFolder folder, int length, bool fromFile)
    {
        var content = new byte[length];
        new Random(1).NextBytes(content);
        if (!fromFile)
        {
            return new MemoryDevice(content);
        }

        var path = folder.At($"source{length}");
        File.WriteAllBytes(path, content);
        return RawDevice.OpenRead(path);
    }

    /// <summary>What the thread that reads, hashes and compares takes from the heap in the last of several runs.</summary>
    private static long Allocated(BlockDevice source, HashAlgorithm hash, ImageKind kind)
    {
        using (source)
        {
            var chain = new ChainFixture(new MemoryStore().CreateFolder("chain"), 4096, hash, Codec.None, null, 1);
            chain.Backup(source, ImageKind.Full);
            chain.Backup(source, kind);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcome = chain.Backup(source, kind);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(kind == ImageKind.Full ? source.Length / 4096 : 0, outcome.Counts.ChangedBlocks);
            return allocated;
        }
    }
}
