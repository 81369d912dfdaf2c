using Tidemark.Engine.Devices;
using Tidemark.Engine.Pipelines;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

[Case("3.9")]
public class ScanPlanProperties
{
    /// <summary>Questions for one transfer, or one large hole: where it begins, where it ends, and what follows.</summary>
    private const int Questions = 4;

    [SeededProperty(400)]
    public void Every_block_is_planned_once_in_order_and_read_if_it_stores_anything(int seed, byte blocksDraw)
    {
        var random = new Random(seed);
        var blockSize = 4096 << random.Next(9);
        var transfer = blockSize * random.Next(1, 9);
        var length = (blocksDraw * (long)blockSize) + (random.Next(2) * random.Next(blockSize));
        var device = new ExtentDevice(length, random, blockSize);
        var plan = new ScanPlan(device, length, blockSize, transfer);
        long position = 0;
        while (plan.TryNext(out var item))
        {
            Assert.Equal(position, item.Offset);
            Assert.True(item.Length > 0);
            Assert.True(item.End == length || item.End % blockSize == 0);
            if (item.Read)
            {
                Assert.True(item.Length <= transfer);
                Assert.Equal(item.Offset / transfer, (item.End - 1) / transfer);
            }

            var stores = device.Stores(item.Offset, item.End);
            Assert.True(item.Read || (!stores && (item.Length >= device.WorthwhileHole || item.End == length)));

            // A whole transfer's worth of nothing is read only as a part of a small hole.
            Assert.True(!item.Read || stores || item.Length < device.WorthwhileHole || device.WorthwhileHole <= blockSize);
            position = item.End;
        }

        Assert.Equal(length, position);
        Assert.False(plan.TryNext(out _));
    }

    [Theory]
    [InlineData(4096, 4096, 2L << 30)]
    [InlineData(4096, 60 << 10, 1L << 30)]
    [InlineData(512 << 10, 4096, 2L << 30)]
    [InlineData(4096, 64 << 10, 256L << 20)]
    [InlineData(4096, 1 << 30, 8L << 40)]
    [InlineData(64 << 10, 1 << 30, 64L << 40)]
    public void Holes_cost_a_few_questions_a_transfer_and_no_more_transfers_than_a_dense_source(long data, long hole, long length)
    {
        const int transfer = 512 << 10;
        var device = new StripedDevice(data, hole, length);
        var plan = new ScanPlan(device, length, 4096, transfer);
        var (reads, items, readBytes) = (0L, 0L, 0L);
        while (plan.TryNext(out var item))
        {
            items++;
            reads += item.Read ? 1 : 0;
            readBytes += item.Read ? item.Length : 0;
        }

        var stripes = length / (data + hole);
        Assert.True(device.Asked <= Questions * items, $"{device.Asked} questions for {items} pieces");
        if (hole < device.WorthwhileHole)
        {
            Assert.Equal(length / transfer, reads);
        }
        else
        {
            Assert.InRange(readBytes, stripes * data, (stripes + 1) * data);
            Assert.InRange(reads, stripes, (stripes + 1) * ((data / transfer) + 2));
        }
    }

    /// <summary>Data and a hole in turns, and counts how often it is asked.</summary>
    private sealed class StripedDevice(long data, long hole, long length) : BlockDevice
    {
        public override string Name => "stripes";

        public override DeviceGeometry Geometry { get; } = DeviceGeometry.OfBytes(length);

        public long Asked { get; private set; }

        public override void ReadAt(long offset, Span<byte> buffer) => throw new NotSupportedException();

        public override DeviceExtent ExtentAt(long offset)
        {
            Asked++;
            var within = offset % (data + hole);
            return within < data
                ? new DeviceExtent(offset, Math.Min(data - within, length - offset), ExtentKind.Data)
                : new DeviceExtent(offset, Math.Min(data + hole - within, length - offset), ExtentKind.Unallocated);
        }
    }

    /// <summary>Tells extents of any size, and now and then two of a kind in a row, which a device may.</summary>
    private sealed class ExtentDevice : BlockDevice
    {
        private readonly List<DeviceExtent> extents = [];
        private readonly int worthwhile;

        public ExtentDevice(long length, Random random, int blockSize)
        {
            Geometry = DeviceGeometry.OfBytes(length);
            worthwhile = random.Next(2) == 0 ? 1 : base.WorthwhileHole;
            for (long at = 0; at < length;)
            {
                var unit = random.Next(3) switch { 0 => 1, 1 => 512, _ => blockSize };
                var size = Math.Min(length - at, random.NextInt64(1, (4L * blockSize / unit) + 2) * unit);
                extents.Add(new DeviceExtent(at, size, random.Next(3) == 0 ? ExtentKind.Data : ExtentKind.Unallocated));
                at += size;
            }
        }

        public override string Name => "extents";

        public override int WorthwhileHole => worthwhile;

        public override DeviceGeometry Geometry { get; }

        public bool Stores(long start, long end) =>
            extents.Exists(e => e.Kind == ExtentKind.Data && e.Offset < end && e.End > start);

        public override void ReadAt(long offset, Span<byte> buffer) => throw new NotSupportedException();

        public override DeviceExtent ExtentAt(long offset)
        {
            var found = extents.Find(e => e.End > offset);
            return new DeviceExtent(offset, found.End - offset, found.Kind);
        }
    }
}
