using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

/// <summary>What every writable device that starts as zeros promises.</summary>
[DiffersBySystem]
public abstract class BlockDeviceContract
{
    // A length with an odd end, where the device can have one.
    private const int WantedLength = (2 << 20) + 777;

    /// <summary>What a device's length is a multiple of.</summary>
    protected virtual int LengthUnit => 1;

    private int Length => WantedLength / LengthUnit * LengthUnit;

    [Fact]
    public void What_was_written_is_read_at_any_offset_and_length()
    {
        var random = Seed.Random();
        using var place = new Place(this, Length);
        for (var round = 0; round < 400; round++)
        {
            var (offset, length) = AnyRange(random);
            switch (random.Next(4))
            {
                case 0:
                    random.NextBytes(place.Model.AsSpan(offset, length));
                    place.Device.WriteAt(offset, place.Model.AsSpan(offset, length));
                    break;
                case 1:
                    place.Model.AsSpan(offset, length).Clear();
                    place.Device.WriteZeros(offset, length);
                    break;
                default:
                    place.AssertRange(offset, length);
                    break;
            }
        }

        place.Device.Flush();
        place.AssertRange(0, Length);
    }

    [Fact]
    public void The_first_and_the_last_byte_can_be_written_alone()
    {
        using var place = new Place(this, Length);
        place.Device.WriteAt(0, [1]);
        place.Device.WriteAt(Length - 1, [2]);
        (place.Model[0], place.Model[^1]) = (1, 2);
        place.AssertRange(0, Length);
        place.AssertRange(Length - 1, 1);
    }

    [Fact]
    public void Nothing_can_be_read_and_written()
    {
        using var place = new Place(this, Length);
        place.Device.ReadAt(5, []);
        place.Device.WriteAt(5, []);
        place.Device.WriteZeros(5, 0);
        place.AssertRange(0, Length);
    }

    [Fact]
    public void Extents_cover_the_device_and_holes_read_as_zeros()
    {
        var random = Seed.Random();
        using var place = new Place(this, Length);
        for (var round = 0; round < 20; round++)
        {
            var (offset, length) = AnyRange(random, 64 * 1024);
            random.NextBytes(place.Model.AsSpan(offset, length));
            place.Device.WriteAt(offset, place.Model.AsSpan(offset, length));
        }

        place.Device.Flush();
        var at = 0L;
        while (at < place.Device.Length)
        {
            var extent = place.Device.ExtentAt(at);
            Assert.Equal(at, extent.Offset);
            Assert.InRange(extent.Length, 1, place.Device.Length - at);
            if (extent.Kind == ExtentKind.Unallocated)
            {
                Assert.Equal(-1, place.Model.AsSpan((int)at, (int)extent.Length).IndexOfAnyExcept((byte)0));
            }

            at = extent.End;
        }
    }

    [Fact]
    public void An_extent_may_be_asked_for_in_its_middle()
    {
        using var place = new Place(this, Length);
        place.Device.WriteAt(100_000, new byte[] { 1, 2, 3 });
        place.Device.Flush();
        for (var offset = 3L; offset < Length; offset += 70_001)
        {
            var extent = place.Device.ExtentAt(offset);
            Assert.Equal(offset, extent.Offset);
            Assert.InRange(extent.End, offset + 1, Length);
            Assert.False(extent.Kind == ExtentKind.Unallocated && offset < 100_003 && extent.End > 100_000);
        }
    }

    [Fact]
    public async Task Several_threads_read_at_once()
    {
        var random = Seed.Random();
        using var place = new Place(this, Length);
        random.NextBytes(place.Model);
        place.Device.WriteAt(0, place.Model);
        var seeds = Enumerable.Range(0, 6).Select(_ => random.Next()).ToArray();
        await Task.WhenAll(seeds.Select(seed => Task.Run(() =>
        {
            var own = new Random(seed);
            for (var round = 0; round < 100; round++)
            {
                var (offset, length) = AnyRange(own);
                place.AssertRange(offset, length);
            }
        })));
    }

    [Fact]
    public void The_geometry_makes_sense()
    {
        using var place = new Place(this, Length);
        var geometry = place.Device.Geometry;
        Assert.Equal(Length, geometry.Length);
        Assert.InRange(geometry.LogicalSectorSize, 512, 4096);
        Assert.InRange(geometry.PhysicalSectorSize, geometry.LogicalSectorSize, 1 << 20);
        Assert.InRange(geometry.OffsetAlignment, 1, 4096);
        Assert.InRange(geometry.MemoryAlignment, 1, 4096);
        Assert.True(place.Device.CanWrite);
    }

    /// <summary>Makes a writable device of zeros of this length, and what keeps it.</summary>
    internal abstract BlockDevice OpenDevice(int length, out IDisposable keeper);

    private (int Offset, int Length) AnyRange(Random random, int most = 600_000)
    {
        // Now and then aligned, so that both ways through a device are taken in turn.
        var unit = random.Next(3) switch { 0 => 4096, 1 => 512, _ => 1 };
        var length = Math.Max(1, random.Next(1, most) / unit) * unit;
        return (random.Next(0, ((Length - length) / unit) + 1) * unit, length);
    }

    private sealed class Place : IDisposable
    {
        private readonly IDisposable keeper;

        public Place(BlockDeviceContract contract, int length)
        {
            Device = contract.OpenDevice(length, out keeper);
            Model = new byte[length];
        }

        public BlockDevice Device { get; }

        public byte[] Model { get; }

        public void AssertRange(int offset, int length)
        {
            var found = new byte[length];
            Device.ReadAt(offset, found);
            var same = found.AsSpan().CommonPrefixLength(Model.AsSpan(offset, length));
            Assert.True(same == length, $"{length} bytes at {offset} differ at {offset + same}");
        }

        public void Dispose()
        {
            Device.Dispose();
            keeper.Dispose();
        }
    }
}
