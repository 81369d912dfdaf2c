using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Io;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;

namespace Tidemark.Harness.Devices;

/// <summary>A file that lies in the page cache is read from there; anything else goes around it.</summary>
[DiffersBySystem]
public class PageCacheTests
{
    private const int Length = 8 << 20;

    [Fact]
    public void A_file_is_cached_once_it_was_read_and_no_more_after_it_was_dropped()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("cache");
        using var device = Source(folder);
        Warm(device);
        Assert.True(device.IsCached());
        Drop(device);
        Assert.False(device.IsCached());

        // Half of it isn't enough; the kernel is kept from reading the other half ahead.
        Assert.Equal(0, Libc.posix_fadvise(((LinuxRawDevice)device).File.Buffered, 0, 0, Libc.POSIX_FADV_RANDOM));
        var half = new byte[Length / 2];
        Assert.Equal(half.Length, ReadCached(device, half));
        Assert.False(device.IsCached());
    }

    [Fact]
    public void Holes_take_no_reading()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("cache");
        var path = folder.Sparse("sparse", 1L << 40);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Position = 1L << 39;
            file.Write(new byte[1 << 20]);
            file.Flush(flushToDisk: true);
        }

        using var device = RawDevice.OpenRead(path);
        Assert.SkipUnless(device.IsDirect, "The file system doesn't do direct transfers.");
        Assert.SkipUnless(device.ExtentAt(0).Kind == ExtentKind.Unallocated, "The file system doesn't report holes.");
        Assert.True(device.IsCached());
        Drop(device);
        Assert.False(device.IsCached());
    }

    [Fact]
    public void A_block_device_never_counts_as_cached()
    {
        OnlyOn.Linux();
        using var loop = LoopFile.Attach(Length, 512);
        using var device = RawDevice.OpenRead(loop.Device);
        Assert.Equal(Length, ReadCached(device, new byte[Length]));
        Assert.False(device.IsCached());
    }

    [Fact]
    public void A_target_never_counts_as_cached()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("cache");
        using (var source = Source(folder))
        {
            Warm(source);
        }

        using var device = RawDevice.OpenWrite(folder.At("source"));
        Assert.False(device.IsCached());
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void The_same_blocks_come_from_the_cache_and_from_the_device(int blockSize)
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("cache");
        using var device = Source(folder);
        var chain = new ChainFixture(new MemoryStore().CreateFolder("chain"), blockSize, HashAlgorithm.Xxh128, Codec.None, null, 1);
        Warm(device);
        var full = chain.Backup(device, ImageKind.Full);
        Assert.Contains("page cache", full.ReaderNote, StringComparison.Ordinal);
        Assert.Equal(0, chain.Backup(device, ImageKind.Incremental).Counts.ChangedBlocks);
        Drop(device);
        var direct = chain.Backup(device, ImageKind.Incremental);
        Assert.DoesNotContain("page cache", direct.ReaderNote ?? "", StringComparison.Ordinal);
        Assert.Equal((0L, (long)Length), (direct.Counts.ChangedBlocks, direct.ReadBytes));
    }

    private static RawDevice Source(TempFolder folder)
    {
        var content = new byte[Length];
        Seed.Random().NextBytes(content);
        using (var file = new FileStream(folder.At("source"), FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        var device = RawDevice.OpenRead(folder.At("source"));
        if (!device.IsDirect)
        {
            device.Dispose();
            Assert.Skip("The file system doesn't do direct transfers.");
        }

        return device;
    }

    private static void Warm(RawDevice device) => Assert.Equal(Length, ReadCached(device, new byte[Length]));

    private static unsafe long ReadCached(RawDevice device, byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            return FileCalls.Read(((LinuxRawDevice)device).File.Buffered, start, (nuint)buffer.Length, 0);
        }
    }

    private static void Drop(RawDevice device) =>
        Assert.Equal(0, Libc.posix_fadvise(((LinuxRawDevice)device).File.Buffered, 0, 0, Libc.POSIX_FADV_DONTNEED));
}
