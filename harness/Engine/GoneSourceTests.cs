using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Engine;

/// <summary>A source that goes away isn't one with bad sectors, and one with bad sectors isn't one that is gone.</summary>
[Case("4.1")]
public class GoneSourceTests
{
    private const int BlockSize = 4096;
    private const int Length = 2 << 20;
    private const int Sector = DeviceGeometry.DefaultSectorSize;

    /// <summary>Transfers of 64 KiB of the whole source.</summary>
    private const int Transfers = Length / (64 << 10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_source_that_goes_away_at_any_read_leaves_the_chain_as_it_was_and_costs_few_more_reads(bool says)
    {
        var random = Seed.Random();
        var fixture = Chain();
        var content = new byte[Length];
        random.NextBytes(content);
        fixture.Backup(new MemoryDevice([.. content]), ImageKind.Full);
        var files = fixture.Folder.List().Count;
        foreach (var reads in new[] { 0, 1, 2, random.Next(Transfers), Transfers - 2, Transfers - 1 })
        {
            var source = new LeavingDevice(MemoryDevice.Random(Length, random.Next()), reads, says);
            var e = Assert.Throws<TidemarkException>(() => fixture.Backup(source, ImageKind.Incremental));
            Assert.Equal(TidemarkError.Failed, e.Error);
            Assert.Contains("is gone", e.Message, StringComparison.Ordinal);
            Assert.Contains("the chain is as it was", e.Message, StringComparison.Ordinal);
            Assert.InRange(source.Calls - reads, 1, says ? fixture.Queue.Depth : fixture.Queue.Depth + DevicePresence.MaxFailures + 100);
            Assert.Equal(files, fixture.Folder.List().Count);
        }

        // What had been read whole before counts.
        var whole = new LeavingDevice(new MemoryDevice([.. content]), Transfers, says);
        Assert.Equal(0, fixture.Backup(whole, ImageKind.Incremental).UnreadableBytes);
        Assert.Equal(content, fixture.Restore(2, out _));
    }

    [Fact]
    public void Bad_sectors_are_found_exactly_wherever_they_lie_and_however_many_they_are()
    {
        var random = Seed.Random();
        var places = new[]
        {
            (0L, 100 * Sector), (0L, Length / 2), (Length / 2, Length / 2), (Length - (100L * Sector), 100 * Sector),
            (Length - Sector, Sector), (Sector, Length - (2 * Sector)),
        };
        foreach (var (start, length) in places)
        {
            var source = MemoryDevice.Random(Length, random.Next());
            source.Fail(start, length);
            var outcome = Chain().Backup(source, ImageKind.Full);
            Assert.Equal([(start, (long)length)], outcome.Unreadable);
        }

        // Every second sector of a stretch, and sectors all over.
        var weak = MemoryDevice.Random(Length, random.Next());
        var bad = 0;
        for (var at = 64 << 10; at < 256 << 10; at += 2 * Sector, bad++)
        {
            weak.Fail(at, Sector);
        }

        for (var at = (1 << 20) + (random.Next(64) * Sector); at < Length; at += 64 << 10, bad++)
        {
            weak.Fail(at, Sector);
        }

        Assert.Equal(bad * Sector, Chain().Backup(weak, ImageKind.Full).UnreadableBytes);
    }

    [Fact]
    public void A_part_that_was_good_and_is_gone_ends_the_run_as_the_whole_does()
    {
        // The second half is another disk's, and goes while it is read; the first one stays.
        var source = new HalfDevice(MemoryDevice.Random(Length, 1), Transfers * 3 / 4);
        var e = Assert.Throws<TidemarkException>(() => Chain().Backup(source, ImageKind.Full));
        Assert.Contains("is gone", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_budget_of_bad_bytes_is_kept_to_the_byte()
    {
        var source = MemoryDevice.Random(Length, 1);
        source.Fail(100 * Sector, 5 * Sector);
        source.Fail(1000 * Sector, 5 * Sector);
        Assert.Equal(10 * Sector, Run(source, 10 * Sector).BadBytes);
        var e = Assert.Throws<TidemarkException>(() => Run(source, (10 * Sector) - 1));
        Assert.Equal(TidemarkError.Failed, e.Error);
        Assert.Equal(Advice.AllowUnreadable, e.Advice);
        Assert.Throws<TidemarkException>(() => Run(source, 0));

        static SectorBisection Run(MemoryDevice source, long mostBad)
        {
            using var scan = new SourceScan(
                source, BlockHasher.Create(HashAlgorithm.Xxh128, new byte[BlockHasher.KeySize]), BlockSize, new IoQueueOptions(4, 64 << 10), mostBad: mostBad);
            scan.Run(new Nowhere(), () => { }, default);
            return scan.Bisection;
        }
    }

    [Theory]
    [Case("4.2")]
    [InlineData(64 << 10)]
    [InlineData(1 << 20)]
    [InlineData(16 << 20)]
    public void A_cancellation_amid_salvage_costs_no_further_read(int requestSize)
    {
        var random = Seed.Random();
        for (var round = 0; round < 20; round++)
        {
            using var cancel = new CancellationTokenSource();
            var memory = MemoryDevice.Random(requestSize * 2, random.Next());
            memory.Fail(requestSize / 2, requestSize);
            var at = random.Next(1, 200);
            var source = new LeavingDevice(memory, int.MaxValue, says: false)
            {
                Asked = call =>
                {
                    if (call == at)
                    {
                        cancel.Cancel();
                    }
                },
            };
            var fixture = Chain();
            fixture.Queue = new IoQueueOptions(4, requestSize);
            Assert.Throws<OperationCanceledException>(() => fixture.Backup(source, ImageKind.Full, cancel.Token));
            Assert.Equal(at, source.Calls);
            Assert.Empty(fixture.Folder.List());
        }
    }

    [Fact]
    [Case("4.2")]
    public void A_cancellation_while_a_source_is_doubted_costs_no_further_read()
    {
        for (var at = 1; at < 80; at++)
        {
            using var cancel = new CancellationTokenSource();
            var source = new LeavingDevice(MemoryDevice.Random(Length, 1), 10, says: false)
            {
                Asked = call =>
                {
                    if (call == at)
                    {
                        cancel.Cancel();
                    }
                },
            };
            Assert.Throws<OperationCanceledException>(() => Chain().Backup(source, ImageKind.Full, cancel.Token));
            Assert.Equal(at, source.Calls);
        }
    }

    private static ChainFixture Chain() =>
        new(new MemoryStore().CreateFolder("chain"), BlockSize, HashAlgorithm.Xxh128, Codec.None, null, 1);

    private sealed class HalfDevice(MemoryDevice inner, int reads) : BlockDevice
    {
        private int calls;

        public override string Name => "two disks";

        public override DeviceGeometry Geometry => inner.Geometry;

        public override void ReadAt(long offset, Span<byte> buffer)
        {
            if (++calls > reads && offset + buffer.Length > Length / 2)
            {
                throw new DeviceIoException(Name, offset, buffer.Length, "Reading", MemoryDevice.FailureError, "Input/output error");
            }

            inner.ReadAt(offset, buffer);
        }
    }

    private sealed class Nowhere : IScanSink
    {
        public long ChangedBlocks => 0;

        public void Blocks(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes)
        {
        }

        public void Unreadable(long block, ReadOnlySpan<byte> data, UInt128 hash)
        {
        }

        public void Unread(long first, long count, BlockState state)
        {
        }
    }
}
