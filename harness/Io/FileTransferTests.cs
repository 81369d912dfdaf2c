using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;

namespace Tidemark.Harness.Io;

[DiffersBySystem]
public class FileTransferTests
{
    [Fact]
    public void A_short_transfer_goes_on_until_it_is_whole()
    {
        OnlyOn.Linux();
        var random = Seed.Random();
        using var folder = new TempFolder("transfer");
        var fd = FileCalls.Open(folder.Sparse("file", 1 << 20), Libc.O_RDWR, out _);
        using var file = DirectFile.Pair(fd, default, 512, () => new FdHandle());
        for (var round = 0; round < 500; round++)
        {
            var transfer = default(FileTransfer);
            var length = random.Next(1, 65537);
            transfer.Start(random.Next(1 << 20), length, write: random.Next(2) == 0);
            var moved = 0;
            bool ended;
            do
            {
                Assert.False(transfer.NextIsDirect(file, 65536, out var count));
                Assert.Equal(length - moved, count);
                var now = random.Next(4) == 0 ? -Errno.EINTR : random.Next(1, count + 1);
                moved += Math.Max(0, now);
                ended = transfer.Ended(now);
                Assert.Equal(moved == length, ended);
            }
            while (!ended);

            Assert.Equal(new IoCompletion(3, length, 0), transfer.Finish(3));
        }
    }

    [Fact]
    public void The_bytes_before_an_error_count()
    {
        var transfer = default(FileTransfer);
        transfer.Start(0, 8192, write: false);
        Assert.False(transfer.Ended(4096));
        Assert.True(transfer.Ended(-Errno.EIO));
        Assert.Equal(new IoCompletion(0, 4096, Errno.EIO), transfer.Finish(0));
    }

    [Fact]
    public void The_end_of_a_file_ends_a_read_and_fails_a_write()
    {
        var transfer = default(FileTransfer);
        transfer.Start(0, 8192, write: false);
        Assert.True(transfer.Ended(0));
        Assert.Equal(new IoCompletion(0, 0, 0), transfer.Finish(0));
        transfer.Start(0, 8192, write: true);
        Assert.True(transfer.Ended(0));
        Assert.Equal(new IoCompletion(0, 0, Errno.EIO), transfer.Finish(0));
    }

    [Fact]
    public void Endless_interruption_is_given_up()
    {
        var transfer = default(FileTransfer);
        transfer.Start(0, 8192, write: false);
        var calls = 1;
        while (!transfer.Ended(-Errno.EAGAIN))
        {
            Assert.True(++calls < 10_000);
        }

        Assert.Equal(Errno.EAGAIN, transfer.Finish(0).Error);
    }
}
