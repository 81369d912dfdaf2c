using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Io;

/// <summary>What every queue promises, whatever is behind it.</summary>
[DiffersBySystem]
public abstract class IoQueueContract
{
    private const int Unit = 4096;
    private const int DeviceLength = (4 << 20) + Unit;
    private static readonly IoQueueOptions options = new(8, 64 * 1024);

    [Fact]
    public void Reads_in_any_order_bring_what_is_there()
    {
        var random = Seed.Random();
        using var place = new Place(this, DeviceLength, random);
        using var queue = OpenQueue(place.Device, options);
        var asked = new (long Offset, int Length)[queue.Depth];
        var free = new Stack<int>(Enumerable.Range(0, queue.Depth));
        var completions = new IoCompletion[queue.Depth];
        for (var left = 300; left > 0 || queue.InFlight > 0;)
        {
            while (left > 0 && free.TryPop(out var slot))
            {
                asked[slot] = Range(random, DeviceLength);
                queue.SubmitRead(slot, asked[slot].Offset, asked[slot].Length);
                left--;
            }

            Assert.Equal(queue.Depth - free.Count, queue.InFlight);
            var most = random.Next(1, completions.Length + 1);
            var taken = queue.Reap(completions.AsSpan(0, most), wait: true);
            Assert.InRange(taken, 1, most);
            foreach (var done in completions.AsSpan(0, taken))
            {
                var (offset, length) = asked[done.Slot];
                Assert.Equal(0, done.Error);
                Assert.Equal(length, done.Transferred);
                Assert.True(
                    queue.Buffer(done.Slot)[..length].SequenceEqual(place.Expected.AsSpan((int)offset, length)),
                    $"{length} bytes at {offset} differ");
                free.Push(done.Slot);
            }
        }
    }

    [Fact]
    public void Writes_arrive_where_they_belong()
    {
        var random = Seed.Random();
        using var place = new Place(this, DeviceLength, random);
        using (var queue = OpenQueue(place.Device, options))
        {
            var completions = new IoCompletion[queue.Depth];
            for (var round = 0; round < 40; round++)
            {
                // Each slot in a stretch of its own, since writes that overlap have no order.
                var stretch = DeviceLength / queue.Depth / Unit * Unit;
                for (var slot = 0; slot < queue.Depth; slot++)
                {
                    var (offset, length) = Range(random, Math.Min(stretch, queue.BufferSize));
                    offset += (long)slot * stretch;
                    random.NextBytes(queue.Buffer(slot)[..length]);
                    queue.Buffer(slot)[..length].CopyTo(place.Expected.AsSpan((int)offset));
                    queue.SubmitWrite(slot, offset, length);
                }

                Drain(queue, completions);
            }
        }

        place.AssertContent();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(4095)]
    [InlineData(5000)]
    public void An_unaligned_end_is_read_and_written_to_the_last_byte(int tail)
    {
        var random = Seed.Random();
        var length = ((256 * 1024) + tail + LengthUnit - 1) / LengthUnit * LengthUnit;
        using var place = new Place(this, length, random);
        var completions = new IoCompletion[1];
        using (var queue = OpenQueue(place.Device, options))
        {
            var start = (length - 1) / queue.BufferSize * queue.BufferSize;
            var rest = length - start;
            queue.SubmitRead(0, start, rest);
            Assert.Equal(1, queue.Reap(completions, wait: true));
            Assert.Equal(new IoCompletion(0, rest, 0), completions[0]);
            Assert.True(queue.Buffer(0)[..rest].SequenceEqual(place.Expected.AsSpan(start)));

            random.NextBytes(queue.Buffer(0)[..rest]);
            queue.Buffer(0)[..rest].CopyTo(place.Expected.AsSpan(start));
            queue.SubmitWrite(0, start, rest);
            Assert.Equal(1, queue.Reap(completions, wait: true));
            Assert.Equal(new IoCompletion(0, rest, 0), completions[0]);
        }

        place.AssertContent();
        Assert.Equal(length, place.LengthNow());
    }

    [Fact]
    public void Nothing_in_flight_is_reaped_as_nothing()
    {
        using var place = new Place(this, DeviceLength, Seed.Random());
        using var queue = OpenQueue(place.Device, options);
        Assert.Equal(0, queue.Reap(new IoCompletion[4], wait: true));
        Assert.Equal(0, queue.Reap(new IoCompletion[4], wait: false));
        Assert.Equal(0, queue.InFlight);
    }

    [Fact]
    public void Looking_without_waiting_brings_the_completion_in_the_end()
    {
        using var place = new Place(this, DeviceLength, Seed.Random());
        using var queue = OpenQueue(place.Device, options);
        var completions = new IoCompletion[4];
        queue.SubmitRead(3, 0, Unit);
        var until = DateTime.UtcNow + Patience.Limit;
        int taken;
        while ((taken = queue.Reap(completions, wait: false)) == 0)
        {
            Assert.True(DateTime.UtcNow < until, "the transfer never ended");
        }

        Assert.Equal(1, taken);
        Assert.Equal(new IoCompletion(3, Unit, 0), completions[0]);
    }

    [Fact]
    public void Dispose_waits_for_what_is_in_flight()
    {
        var random = Seed.Random();
        using var place = new Place(this, DeviceLength, random);
        using (var queue = OpenQueue(place.Device, options))
        {
            for (var slot = 0; slot < queue.Depth; slot++)
            {
                random.NextBytes(queue.Buffer(slot));
                queue.Buffer(slot).CopyTo(place.Expected.AsSpan(slot * queue.BufferSize));
                queue.SubmitWrite(slot, (long)slot * queue.BufferSize, queue.BufferSize);
            }
        }

        place.AssertContent();
    }

    [Fact]
    public void Transfers_allocate_nothing()
    {
        using var place = new Place(this, DeviceLength, Seed.Random());
        using var queue = OpenQueue(place.Device, options);
        var completions = new IoCompletion[queue.Depth];
        Turn(queue, completions, 20);
        Assert.Equal(0, HeapUse.Least(() => Turn(queue, completions, 500)));
    }

    [Fact]
    public void A_queue_moves_between_threads()
    {
        using var place = new Place(this, DeviceLength, Seed.Random());
        var queue = OpenQueue(place.Device, options);
        var completions = new IoCompletion[queue.Depth];
        Turn(queue, completions, 2);
        OnNewThread(() => Turn(queue, completions, 2));
        OnNewThread(() => queue.SubmitRead(0, 0, Unit));
        Drain(queue, completions);
        OnNewThread(() => queue.SubmitRead(0, 0, Unit));
        OnNewThread(queue.Dispose);
    }

    [Fact]
    public void Buffers_are_aligned_and_apart()
    {
        using var place = new Place(this, DeviceLength, Seed.Random());
        using var queue = OpenQueue(place.Device, options);
        for (var slot = 0; slot < queue.Depth; slot++)
        {
            Assert.Equal(options.BufferSize, queue.Buffer(slot).Length);
            Assert.Equal(0, AddressOf(queue.Buffer(slot)) % Unit);
            queue.Buffer(slot).Fill((byte)(slot + 1));
        }

        for (var slot = 0; slot < queue.Depth; slot++)
        {
            Assert.Equal(-1, queue.Buffer(slot).IndexOfAnyExcept((byte)(slot + 1)));
        }
    }

    /// <summary>Makes a writable device of this length, and what keeps it.</summary>
    internal abstract BlockDevice OpenDevice(int length, out IDisposable keeper);

    internal virtual IoQueue OpenQueue(BlockDevice device, IoQueueOptions options) => device.OpenQueue(options);

    /// <summary>What a device's length is a multiple of.</summary>
    protected virtual int LengthUnit => 1;

    private static void Turn(IoQueue queue, IoCompletion[] completions, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            for (var slot = 0; slot < queue.Depth; slot++)
            {
                queue.SubmitRead(slot, (long)slot * queue.BufferSize, queue.BufferSize);
            }

            Drain(queue, completions);
        }
    }

    private static void Drain(IoQueue queue, IoCompletion[] completions)
    {
        while (queue.InFlight > 0)
        {
            var taken = queue.Reap(completions, wait: true);
            for (var i = 0; i < taken; i++)
            {
                if (completions[i].Error != 0)
                {
                    Assert.Fail($"error {completions[i].Error}");
                }
            }
        }
    }

    private static void OnNewThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    private static unsafe long AddressOf(Span<byte> span)
    {
        fixed (byte* start = span)
        {
            return (long)start;
        }
    }

    private static (long Offset, int Length) Range(Random random, int within)
    {
        var length = random.Next(1, (Math.Min(options.BufferSize, within) / Unit) + 1) * Unit;
        return (random.Next(0, ((within - length) / Unit) + 1) * (long)Unit, length);
    }

    /// <summary>A device with random content, and the same content beside it.</summary>
    private sealed class Place : IDisposable
    {
        private readonly IDisposable keeper;

        public Place(IoQueueContract contract, int length, Random random)
        {
            Device = contract.OpenDevice(length, out keeper);
            Expected = new byte[length];
            random.NextBytes(Expected);
            Device.WriteAt(0, Expected);
        }

        public BlockDevice Device { get; }

        public byte[] Expected { get; }

        public void AssertContent()
        {
            var found = new byte[Expected.Length];
            Device.ReadAt(0, found);
            Assert.Equal(found.Length, found.AsSpan().CommonPrefixLength(Expected));
        }

        public long LengthNow() => Device is RawDevice { IsBlockDevice: false } ? new FileInfo(Device.Name).Length : Device.Length;

        public void Dispose()
        {
            Device.Dispose();
            keeper.Dispose();
        }
    }
}
