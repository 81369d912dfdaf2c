using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Io;

[DiffersBySystem]
public class FileIoQueueTests
{
    [Fact]
    public void The_switch_forces_pread_and_the_note_says_so()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("switch");
        using var device = RawDevice.OpenRead(folder.Sparse("file", 8192));
        using var queue = FileIoQueue.Open(((LinuxRawDevice)device).File, new IoQueueOptions(1, 4096), "pread");
        Assert.Equal("pread", queue.Kind);
        Assert.Contains(FileIoQueue.Switch, queue.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_switch_it_is_io_uring_or_a_note_why_not()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("switch");
        using var device = RawDevice.OpenRead(folder.Sparse("file", 8192));
        using var queue = FileIoQueue.Open(((LinuxRawDevice)device).File, new IoQueueOptions(1, 4096), null);
        Assert.Equal(queue.Kind == "io_uring", queue.Note is null);
    }
}
