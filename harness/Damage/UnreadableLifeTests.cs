using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>The whole life of a bad sector: bad, tried again and still bad, good again.</summary>
public class UnreadableLifeTests
{
    private const int BlockSize = 4096;

    [Fact]
    public void A_sector_is_marked_tried_again_and_cleared_by_a_good_read()
    {
        var random = Seed.Random();
        var content = new byte[200_000];
        random.NextBytes(content);
        var source = new MemoryDevice((byte[])content.Clone());
        var sector = source.Geometry.LogicalSectorSize;
        var bad = random.Next(content.Length / sector / 2) * sector;
        var fixture = new ChainFixture(new MemoryStore().CreateFolder("chain"), BlockSize, HashAlgorithm.Xxh128, Codec.Zstd, null, 1);

        source.Fail(bad, sector);
        Assert.Equal([((long)bad, (long)sector)], fixture.Backup(source, ImageKind.Full).Unreadable);
        var still = fixture.Backup(source, ImageKind.Incremental);
        Assert.Equal((0L, (long)sector), (still.Counts.ChangedBlocks, still.UnreadableBytes));

        // More goes bad beside it, in the same block or the next.
        source.Fail(bad + sector, sector);
        var worse = fixture.Backup(source, ImageKind.Incremental);
        Assert.Equal((1L, 2L * sector), (worse.Counts.UnreadableBlocks, worse.UnreadableBytes));

        source.Heal();
        var good = fixture.Backup(source, ImageKind.Incremental);
        Assert.Equal(0, good.UnreadableBytes);
        Assert.Equal(0, fixture.Backup(source, ImageKind.Incremental).Counts.ChangedBlocks);

        using var chain = fixture.Load();
        foreach (var (sequence, length) in new[] { (1L, sector), (2L, sector), (3L, 2 * sector), (4L, 0), (5L, 0) })
        {
            var expected = (byte[])content.Clone();
            for (var at = 0; at < length; at += sector)
            {
                SectorBisection.FillPattern(expected.AsSpan(bad + at, sector));
            }

            Assert.Equal(expected, ChainFixture.Restore(chain, chain.Get(sequence), out var damage));
            Assert.Empty(damage);
            Assert.Equal(length > 0, States(chain, sequence).Contains(BlockState.Unreadable));
            var listed = chain.Get(sequence).TryReadMetadata()!.Unreadable;
            Assert.Equal(length == 0 ? [] : [bad, (long)length], listed);
        }
    }

    private static HashSet<BlockState> States(Chain chain, long sequence)
    {
        var cursor = new MergeCursor(chain.Lineage(chain.Get(sequence)));
        HashSet<BlockState> states = [];
        while (cursor.Read(cursor.BlockCount, out var run))
        {
            states.Add(run.State);
        }

        return states;
    }
}
