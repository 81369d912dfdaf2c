using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Serving;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Serving;

/// <summary>One bound for tables and frames: what goes first, and what that saves.</summary>
public class CacheBudgetTests
{
    private const int BlockSize = 4096;

    [Fact]
    public void The_longest_unused_goes_first()
    {
        var budget = new CacheBudget(capacity: 3, BlockSize);
        var items = Add(budget, [.. Enumerable.Range(0, 4).Select(_ => new Item(isTable: false, worth: 1))]);
        Assert.Equal([true, false, false, false], items.Select(item => item.IsGone));
        lock (budget.Gate)
        {
            budget.Use(items[1]);
        }

        Add(budget, new Item(isTable: false, worth: 1));
        Assert.Equal([true, false, true, false], items.Select(item => item.IsGone));
        Assert.Equal(3, budget.Bytes);
    }

    [Fact]
    public void What_is_spent_goes_before_all_and_what_is_in_use_stays()
    {
        var budget = new CacheBudget(capacity: 3, BlockSize);
        var items = Add(budget, [.. Enumerable.Range(0, 3).Select(_ => new Item(isTable: false, worth: 1))]);
        items[0].Used = true;
        lock (budget.Gate)
        {
            budget.Spend(items[2]);
        }

        Add(budget, new Item(isTable: false, worth: 1));
        Assert.Equal([false, false, true], items.Select(item => item.IsGone));
        Add(budget, new Item(isTable: false, worth: 1));
        Assert.Equal([false, true, true], items.Select(item => item.IsGone));
    }

    [Fact]
    public void What_is_dear_stays_for_as_many_turns_and_then_goes_too()
    {
        const int Room = 10, Worth = 5;
        var budget = new CacheBudget(Room, BlockSize);
        var tables = Add(budget, new Item(isTable: true, Worth), new Item(isTable: true, Worth));
        var turn = Room - tables.Length;
        for (var i = 0; i < turn * (Worth - 1); i++)
        {
            Add(budget, new Item(isTable: false, worth: 1));
        }

        Assert.DoesNotContain(tables, table => table.IsGone);
        for (var i = 0; i < turn * Worth; i++)
        {
            Add(budget, new Item(isTable: false, worth: 1));
        }

        // One table stays whatever is asked for.
        Assert.Equal([true, false], tables.Select(table => table.IsGone));
        Assert.Equal(Room, budget.Bytes);
    }

    [Fact]
    public void A_volume_of_scattered_changes_is_read_in_order_with_hardly_a_frame_decoded_twice()
    {
        const int Images = 40, Changes = 64, Cache = 8 << 20;
        var random = Seed.Random();
        var fixture = new ChainFixture(
            new MemoryStore().CreateFolder("chain"), BlockSize, HashAlgorithm.Xxh128, Codec.Zstd, null, (ulong)random.NextInt64());
        var volume = new MemoryDevice(24 << 20);
        var block = new byte[BlockSize];
        for (var at = 0L; at < volume.Length; at += BlockSize)
        {
            Write(at);
        }

        fixture.Backup(volume, ImageKind.Full);
        for (var image = 1; image < Images; image++)
        {
            for (var change = 0; change < Changes; change++)
            {
                Write(random.NextInt64(volume.Length / BlockSize) * BlockSize);
            }

            fixture.Backup(volume, ImageKind.Incremental);
        }

        using var chain = fixture.Load();
        var newest = chain.NewestWhole()!;
        using var device = new PointDevice(chain.Lineage(newest), chain.Hasher(newest), Cache);
        var wanted = Frames(device);

        // All of them wanted at once don't fit.
        Assert.InRange(wanted * (long)ImageFormat.DefaultFrameBytes, 3 * Cache, long.MaxValue);
        var content = volume.Content.ToArray();
        var buffer = new byte[48 << 10];
        for (var pass = 1; pass <= 2; pass++)
        {
            for (var at = 0; at < content.Length; at += buffer.Length)
            {
                device.ReadAt(at, buffer);
                Assert.True(content.AsSpan(at, buffer.Length).SequenceEqual(buffer), $"at {at}");
                Assert.InRange(device.Budget.Bytes, 1, Cache);
            }

            Assert.InRange(device.FramesDecoded, pass * wanted / 2, pass * wanted * 5 / 4);
        }

        void Write(long at)
        {
            random.NextBytes(block.AsSpan(0, BlockSize / 4));
            volume.WriteAt(at, block);
        }
    }

    /// <summary>The frames that the blocks of a point come from.</summary>
    private static long Frames(PointDevice device)
    {
        var frames = new HashSet<(int, long)>();
        for (var block = 0L; block < device.Index.BlockCount;)
        {
            var table = device.Index.Borrow(block);
            for (var i = 0; i < table.RunCount; i++)
            {
                frames.Add((table.Run(i).Layer, table.Run(i).FrameOffset));
            }

            block = table.End;
            device.Index.Return(table);
        }

        return frames.Count;
    }

    private static Item[] Add(CacheBudget budget, params Item[] items)
    {
        foreach (var item in items)
        {
            lock (budget.Gate)
            {
                budget.Add(item);
            }
        }

        return items;
    }

    private sealed class Item(bool isTable, int worth) : CachedItem(isTable, worth, bytes: 1)
    {
        public bool Used { get; set; }

        public bool IsGone { get; private set; }

        public override bool IsInUse => Used;

        public override void Evict() => IsGone = true;
    }
}
