using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

/// <summary>A source whose reads fail with EIO while a flag file exists: an NBD export as a file (nbdkit, nbdfuse).</summary>
[DiffersBySystem]
public sealed class FailingSourceTests : IDisposable
{
    private const int Eio = 5;
    private readonly TempFolder folder = new("failing");
    private Process? server;

    public void Dispose()
    {
        if (server is not null)
        {
            Tool.Try("umount", folder.At("source"));
            server.WaitForExit(Patience.Limit);
            server.Dispose();
        }

        folder.Dispose();
    }

    [Theory]
    [InlineData("io_uring")]
    [InlineData("pread")]
    public void A_read_that_fails_is_reported_with_its_errno_and_works_again_later(string kind)
    {
        var path = Serve(8 << 20);
        using var device = RawDevice.OpenRead(path);
        Assert.Equal(8 << 20, device.Length);
        using var queue = FileIoQueue.Open(((LinuxRawDevice)device).File, new IoQueueOptions(4, 65536), kind == "pread" ? kind : null);
        Assert.SkipUnless(queue.Kind == kind, $"{kind} is refused here.");
        var completions = new IoCompletion[4];
        File.WriteAllText(folder.At("flag"), "");
        queue.SubmitRead(2, 4 << 20, 65536);
        Assert.Equal(1, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(2, 0, Eio), completions[0]);
        var e = Assert.Throws<DeviceIoException>(() => device.ReadAt((5 << 20) + 1, new byte[100]));
        Assert.Equal((Eio, (5 << 20) + 1, 100), (e.NativeError, (int)e.Offset, (int)e.Length));
        Assert.Contains("Input/output error", e.Message, StringComparison.Ordinal);

        File.Delete(folder.At("flag"));
        queue.SubmitRead(2, 4 << 20, 65536);
        Assert.Equal(1, queue.Reap(completions, wait: true));
        Assert.Equal(new IoCompletion(2, 65536, 0), completions[0]);
        device.ReadAt((5 << 20) + 1, new byte[100]);
    }

    private string Serve(long length)
    {
        Root.Require();
        Tool.Require("nbdkit", "nbdfuse", "umount");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var path = folder.At("source");
        File.WriteAllText(path, "");
        server = Process.Start(
            Tool.Find("nbdfuse")!,
            [
                path, "--command", "nbdkit", "-s", "--filter=error", "file", folder.Sparse("disk", length),
                "error-pread-rate=100%", $"error-file={folder.At("flag")}",
            ]);
        var until = DateTime.UtcNow + Patience.Limit;
        while (new FileInfo(path).Length != length)
        {
            Assert.True(DateTime.UtcNow < until, "nbdfuse doesn't serve the file");
            Thread.Sleep(50);
        }

        return path;
    }
}
