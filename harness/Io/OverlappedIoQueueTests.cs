using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Io;

[DiffersBySystem]
public class OverlappedIoQueueTests : RawQueueTests
{
    [Fact]
    public void The_kind_is_overlapped_and_the_switch_forces_pread()
    {
        OnlyOn.Windows();
        using var folder = new TempFolder("switch");
        using var device = (WindowsRawDevice)RawDevice.OpenRead(folder.Sparse("file", 8192));
        using var queue = WindowsFileIoQueue.Open(device, device.File, new IoQueueOptions(1, 4096), null);
        Assert.Equal(("overlapped", null), (queue.Kind, queue.Note));
        using var other = WindowsFileIoQueue.Open(device, device.File, new IoQueueOptions(1, 4096), "pread");
        Assert.Equal("pread", other.Kind);
        Assert.Contains(FileIoQueue.Switch, other.Note, StringComparison.Ordinal);
        Assert.Throws<TidemarkException>(
            () => WindowsFileIoQueue.Open(device, device.File, new IoQueueOptions(1, 4096), "io_uring"));
    }

    [Fact]
    public void Several_queues_share_a_file_and_a_port_is_used_again()
    {
        OnlyOn.Windows();
        var random = Seed.Random();
        using var folder = new TempFolder("queues");
        using var device = RawDevice.Create(folder.At("file"), 1 << 20);
        var expected = new byte[1 << 20];
        random.NextBytes(expected);
        device.WriteAt(0, expected);
        var completions = new IoCompletion[1];
        for (var round = 0; round < 3; round++)
        {
            using var first = OpenQueue(device, new IoQueueOptions(1, 4096));
            using var second = OpenQueue(device, new IoQueueOptions(1, 8192));
            first.SubmitRead(0, 4096, 4096);
            second.SubmitRead(0, 65536, 8192);
            // A positional read must not come out of a queue's port.
            var found = new byte[100_000];
            device.ReadAt(777, found);
            Assert.True(expected.AsSpan(777, found.Length).SequenceEqual(found));
            Assert.Equal(1, second.Reap(completions, wait: true));
            Assert.Equal(new IoCompletion(0, 8192, 0), completions[0]);
            Assert.True(expected.AsSpan(65536, 8192).SequenceEqual(second.Buffer(0)));
            Assert.Equal(1, first.Reap(completions, wait: true));
            Assert.True(expected.AsSpan(4096, 4096).SequenceEqual(first.Buffer(0)));
        }
    }

    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options)
    {
        OnlyOn.Windows();
        var queue = OverlappedIoQueue.TryOpen(((WindowsRawDevice)device).File, options, out var error);
        Assert.True(queue is not null, $"error {error}");
        return queue;
    }
}

/// <summary>The positional fallback, on a file.</summary>
[DiffersBySystem]
public class WindowsPreadQueueTests : IoQueueContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        OnlyOn.Windows();
        var folder = new TempFolder("queue");
        keeper = folder;
        return RawDevice.Create(folder.At("device"), length);
    }

    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options) =>
        WindowsFileIoQueue.Open(device, ((WindowsRawDevice)device).File, options, "pread");
}

/// <summary>The queue on a raw device.</summary>
[DiffersBySystem]
[Collection(RawDrive.Collection)]
public class RawDriveQueueTests : IoQueueContract
{
    protected override int LengthUnit => 512;

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        keeper = new MemoryStream();
        return RawDrive.Open(length);
    }

    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options)
    {
        var queue = device.OpenQueue(options);
        Assert.Equal("overlapped", queue.Kind);
        return queue;
    }
}
