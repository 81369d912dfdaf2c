using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Io;

/// <summary>The positional queue, on memory.</summary>
[DiffersBySystem]
public class MemoryQueueTests : IoQueueContract
{
    [Fact]
    public void A_failing_range_fails_the_transfers_that_touch_it_and_no_others()
    {
        var device = MemoryDevice.Random(1 << 20, 1);
        device.Fail(10_000, 1);
        using var queue = device.OpenQueue(new IoQueueOptions(2, 4096));
        var completions = new IoCompletion[2];
        queue.SubmitRead(0, 8192, 4096);
        queue.SubmitRead(1, 12288, 4096);
        Assert.Equal(2, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(0, 0, MemoryDevice.FailureError), completions[0]);
        Assert.Equal(new IoCompletion(1, 4096, 0), completions[1]);
    }

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        keeper = new MemoryStream();
        return new MemoryDevice(length);
    }
}

/// <summary>The filter that hands out completions in another order.</summary>
[DiffersBySystem]
public class ShuffledQueueTests : IoQueueContract
{
    [Fact]
    public void Completions_come_in_another_order_than_submissions()
    {
        using var device = new MemoryDevice(1 << 20) { CompletionSeed = 7 };
        using var queue = device.OpenQueue(new IoQueueOptions(64, 4096));
        for (var slot = 0; slot < 64; slot++)
        {
            queue.SubmitRead(slot, slot * 4096, 4096);
        }

        var order = new List<int>();
        var completions = new IoCompletion[64];
        while (queue.InFlight > 0)
        {
            var taken = queue.Reap(completions, wait: true);
            order.AddRange(completions.Take(taken).Select(done => done.Slot));
        }

        Assert.Equal(Enumerable.Range(0, 64), order.Order());
        Assert.NotEqual(Enumerable.Range(0, 64), order);
    }

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        keeper = new MemoryStream();
        return new MemoryDevice(length) { CompletionSeed = (int)Seed.Of(nameof(ShuffledQueueTests)) };
    }
}
