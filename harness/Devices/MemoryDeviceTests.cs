using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

[DiffersBySystem]
public class MemoryDeviceTests
{
    [Fact]
    public void Reads_that_touch_a_failing_range_fail_until_it_is_healed()
    {
        using var device = MemoryDevice.Random(4096, 1);
        device.Fail(1000, 10);
        device.ReadAt(0, new byte[1000]);
        device.ReadAt(1010, new byte[100]);
        device.WriteAt(1000, new byte[10]);
        var e = Assert.Throws<DeviceIoException>(() => device.ReadAt(1009, new byte[1]));
        Assert.Equal(MemoryDevice.FailureError, e.NativeError);
        device.Fail(2000, 1, writes: true);
        Assert.Throws<DeviceIoException>(() => device.WriteAt(1990, new byte[20]));
        device.Heal();
        device.ReadAt(0, new byte[4096]);
        device.WriteAt(0, new byte[4096]);
    }

    [Fact]
    public void Resizing_keeps_what_remains_and_adds_a_hole()
    {
        using var device = MemoryDevice.Random(1000, 2);
        var old = device.Content.ToArray();
        device.Resize(1500);
        Assert.Equal([.. old, .. new byte[500]], device.Content.ToArray());
        Assert.Equal(new DeviceExtent(0, 1000, ExtentKind.Data), device.ExtentAt(0));
        Assert.Equal(new DeviceExtent(1000, 500, ExtentKind.Unallocated), device.ExtentAt(1000));
        device.Resize(300);
        Assert.Equal(old[..300], device.Content.ToArray());
        Assert.Equal(new DeviceExtent(0, 300, ExtentKind.Data), device.ExtentAt(0));
    }

    [Fact]
    public void The_same_seed_gives_the_same_content()
    {
        Assert.Equal(MemoryDevice.Random(100, 3).Content.ToArray(), MemoryDevice.Random(100, 3).Content.ToArray());
        Assert.NotEqual(MemoryDevice.Random(100, 3).Content.ToArray(), MemoryDevice.Random(100, 4).Content.ToArray());
    }

    [Fact]
    public void The_null_device_reads_zeros_and_keeps_nothing()
    {
        using var device = new NullDevice(1L << 44);
        var buffer = new byte[] { 1, 2, 3 };
        device.WriteAt((1L << 44) - 3, buffer);
        device.ReadAt((1L << 44) - 3, buffer);
        Assert.Equal(new byte[3], buffer);
        Assert.Equal(new DeviceExtent(7, (1L << 44) - 7, ExtentKind.Unallocated), device.ExtentAt(7));
    }

    [Fact]
    public void A_range_set_agrees_with_a_map_of_bytes()
    {
        var random = Seed.Random();
        const int size = 300;
        for (var run = 0; run < 50; run++)
        {
            var ranges = new RangeSet();
            var map = new bool[size];
            for (var step = 0; step < 40; step++)
            {
                var start = random.Next(size);
                var end = random.Next(start, size + 1);
                var add = random.Next(2) == 0;
                map.AsSpan(start, end - start).Fill(add);
                if (add)
                {
                    ranges.Add(start, end);
                }
                else
                {
                    ranges.Remove(start, end);
                }

                var from = random.Next(size);
                var to = random.Next(from, size + 1);
                var first = Array.IndexOf(map, true, from, to - from);
                Assert.Equal(first, ranges.FirstIn(from, to));
                var (inside, runEnd) = ranges.RunAt(from);
                Assert.Equal(map[from], inside);
                var other = Array.IndexOf(map, !inside, from);
                Assert.Equal(other < 0 ? size : other, Math.Min(runEnd, size));
            }
        }
    }
}
