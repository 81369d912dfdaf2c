using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Io;

/// <summary>The queues on files of a real file system, around its page cache.</summary>
[DiffersBySystem]
public abstract class RawQueueTests : IoQueueContract
{
    // EBADF and ERROR_ACCESS_DENIED.
    private const int BadDescriptor = 9;
    private const int AccessDenied = 5;

    [Fact]
    public void An_error_comes_with_its_completion()
    {
        using var folder = new TempFolder("queue");
        var path = folder.Sparse("readonly", 1 << 20);
        using var device = RawDevice.OpenRead(path);
        using var queue = OpenQueue(device, new IoQueueOptions(2, 4096));
        queue.SubmitWrite(1, 0, 4096);
        var completions = new IoCompletion[2];
        Assert.Equal(1, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(1, 0, OperatingSystem.IsWindows() ? AccessDenied : BadDescriptor), completions[0]);
        queue.SubmitRead(1, 0, 4096);
        Assert.Equal(1, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(1, 4096, 0), completions[0]);
    }

    [Fact]
    public void A_device_that_ended_before_its_length_gives_a_short_completion()
    {
        using var folder = new TempFolder("queue");
        var path = folder.Sparse("shrunk", 100_000);
        using var device = RawDevice.OpenRead(path);
        using (var shorter = new FileStream(path, FileMode.Open))
        {
            shorter.SetLength(70_000);
        }

        using var queue = OpenQueue(device, new IoQueueOptions(2, 64 * 1024));
        var completions = new IoCompletion[2];
        queue.SubmitRead(0, 65536, 100_000 - 65536);
        Assert.Equal(1, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(0, 70_000 - 65536, 0), completions[0]);
        queue.SubmitRead(1, 81_920, 4096);
        Assert.Equal(1, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(1, 0, 0), completions[0]);
    }

    [Fact]
    public void Unaligned_ranges_are_transferred_all_the_same()
    {
        var random = Seed.Random();
        using var folder = new TempFolder("queue");
        using var device = RawDevice.Create(folder.At("odd"), 300_001);
        var expected = new byte[300_001];
        using var queue = OpenQueue(device, new IoQueueOptions(1, 64 * 1024));
        var completions = new IoCompletion[1];
        for (var round = 0; round < 200; round++)
        {
            var length = random.Next(1, queue.BufferSize + 1);
            var offset = random.Next(0, expected.Length - length + 1);
            if (random.Next(2) == 0)
            {
                random.NextBytes(queue.Buffer(0)[..length]);
                queue.Buffer(0)[..length].CopyTo(expected.AsSpan(offset));
                queue.SubmitWrite(0, offset, length);
                Assert.Equal(1, queue.Reap(completions, wait: true));
            }
            else
            {
                queue.SubmitRead(0, offset, length);
                Assert.Equal(1, queue.Reap(completions, wait: true));
                Assert.True(queue.Buffer(0)[..length].SequenceEqual(expected.AsSpan(offset, length)));
            }

            Assert.Equal(new IoCompletion(0, length, 0), completions[0]);
        }

        var found = new byte[expected.Length];
        device.ReadAt(0, found);
        Assert.Equal(expected, found);
    }

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var folder = new TempFolder("queue");
        keeper = folder;
        return RawDevice.Create(folder.At("device"), length);
    }
}

[DiffersBySystem]
public class UringIoQueueTests : RawQueueTests
{
    [Fact]
    public void The_kind_is_io_uring()
    {
        OnlyOn.Linux();
        using var device = OpenDevice(4096, out var keeper);
        using (keeper)
        {
            using var queue = OpenQueue(device, new IoQueueOptions(1, 4096));
            Assert.Equal("io_uring", queue.Kind);
        }
    }

    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options)
    {
        OnlyOn.Linux();
        IoQueue? queue = UringIoQueue.TryOpen(((LinuxRawDevice)device).File, options, out var error);
        Assert.SkipWhen(queue is null, $"io_uring is refused here: {FileCalls.Reason(error)}.");
        return queue;
    }
}

/// <summary>As where RLIMIT_MEMLOCK refuses to pin the buffers.</summary>
[DiffersBySystem]
public class UringIoQueueWithoutRegistrationTests : RawQueueTests
{
    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options)
    {
        OnlyOn.Linux();
        var queue = UringIoQueue.TryOpen(((LinuxRawDevice)device).File, options, out var error, register: false);
        Assert.SkipWhen(queue is null, $"io_uring is refused here: {FileCalls.Reason(error)}.");
        Assert.False(queue.HasRegisteredBuffers);
        return queue;
    }
}

[DiffersBySystem]
public class PreadIoQueueTests : RawQueueTests
{
    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options)
    {
        OnlyOn.Linux();
        return new PreadIoQueue(((LinuxRawDevice)device).File, options);
    }
}
