using Tidemark.Engine.Devices;
using Tidemark.Engine.Pipelines;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

public class ScanPlanProperties
{
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

            for (var block = item.Offset; block < item.End; block += blockSize)
            {
                Assert.Equal(item.Read, device.Stores(block, Math.Min(block + blockSize, length)));
            }

            position = item.End;
        }

        Assert.Equal(length, position);
        Assert.False(plan.TryNext(out _));
    }

    /// <summary>Tells extents of any size, and now and then two of a kind in a row, which a device may.</summary>
    private sealed class ExtentDevice : BlockDevice
    {
        private readonly List<DeviceExtent> extents = [];

        public ExtentDevice(long length, Random random, int blockSize)
        {
            Geometry = DeviceGeometry.OfBytes(length);
            for (long at = 0; at < length;)
            {
                var unit = random.Next(3) switch { 0 => 1, 1 => 512, _ => blockSize };
                var size = Math.Min(length - at, random.NextInt64(1, (4L * blockSize / unit) + 2) * unit);
                extents.Add(new DeviceExtent(at, size, random.Next(3) == 0 ? ExtentKind.Data : ExtentKind.Unallocated));
                at += size;
            }
        }

        public override string Name => "extents";

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
