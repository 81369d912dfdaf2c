using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Whole runs, all their threads counted: what they take from the heap doesn't grow with the volume.</summary>
[Collection(RunsAlone.Name)]
public class RunAllocationTests
{
    private const int MiB = 1 << 20;

    /// <summary>Four times the decoded frames that a restore keeps, so that every worker has filled its share.</summary>
    private const int Small = 64 * MiB;

    private const int Large = 128 * MiB;

    /// <summary>
    /// Lists that double, a closed allocation window of each thread. One object for each of the 16,384 blocks that the
    /// larger volume has more would be 393,216 bytes at least.
    /// </summary>
    private const long Slack = 128 << 10;

    /// <summary>What else runs in the process may allocate too, but not each time.</summary>
    private const int Attempts = 5;

    [Theory]
    [InlineData(Codec.None, false)]
    [InlineData(Codec.Lz4, false)]
    [InlineData(Codec.Zstd, false)]
    [InlineData(Codec.Zstd, true)]
    public void A_full_image_and_its_restore_allocate_nothing_per_block(Codec codec, bool encrypted)
    {
        using var folder = new TempFolder("allocation");
        using var smallSource = Source(folder, Small);
        using var largeSource = Source(folder, Large);
        var small = Chain(folder, "small", codec, encrypted);
        var large = Chain(folder, "large", codec, encrypted);
        Warm(small, smallSource);
        Warm(large, largeSource);
        AssertFlat(() => small.Backup(smallSource, ImageKind.Full), () => large.Backup(largeSource, ImageKind.Full), "full");
        AssertFlat(() => Restore(folder, small, Small), () => Restore(folder, large, Large), "restore");
    }

    private static void Warm(ChainFixture chain, BlockDevice source) => chain.Backup(source, ImageKind.Full);

    private static void AssertFlat(Action small, Action large, string what)
    {
        small();
        var difference = long.MaxValue;
        for (var i = 0; i < Attempts && difference >= Slack; i++)
        {
            var one = Allocated(small);
            var other = Allocated(large);
            difference = Math.Min(difference, other - one);
        }

        Assert.True(difference < Slack, $"{what}: {Large} bytes took {difference} more from the heap than {Small} bytes");
    }

    private static long Allocated(Action action)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static void Restore(TempFolder folder, ChainFixture fixture, int length)
    {
        using var chain = fixture.Load();
        var image = chain.Get(1);
        var lineage = chain.Lineage(image);
        using var target = RawDevice.Create(folder.At("target"), length, replace: true);
        using var queue = target.OpenQueue(IoQueueOptions.Target);
        // With several workers frames are left over now and then that one of them has read before the other, up to the cache's bound.
        using var pipeline = new WindowPipeline(lineage, chain.Hasher(image), queue, 1);
        var plan = new RestorePlan(new Tidemark.Engine.Index.MergeCursor(lineage), 4096, queue.BufferSize / 4096, byFrames: true);
        pipeline.Run(plan, target.WriteZeros, () => { }, "target", default);
        Assert.Empty(pipeline.Damage);
        Assert.Equal(length, pipeline.WrittenBytes);
    }

    private static ChainFixture Chain(TempFolder folder, string name, Codec codec, bool encrypted) => new(
        LocalStoreFolder.Open(folder.Folder(name)), 4096, HashAlgorithm.Xxh128, codec, encrypted ? Keys.TestKeys.KeyFile(1) : null, 1);

    private static RawDevice Source(TempFolder folder, int length)
    {
        var path = folder.At($"source{length}");
        var random = Seed.Random();
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            var piece = new byte[MiB];
            for (var i = 0; i < length / MiB; i++)
            {
                // Half of each piece doesn't shrink and half does, so that frames of both kinds come up.
                random.NextBytes(piece.AsSpan(0, MiB / 2));
                piece.AsSpan(MiB / 2).Fill((byte)(1 + (i % 255)));
                file.Write(piece);
            }
        }

        return RawDevice.OpenRead(path);
    }
}
