using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

[DiffersBySystem]
public class RawDeviceTests
{
    [Fact]
    public void A_path_that_is_not_there_is_wrong_use()
    {
        var e = Assert.Throws<TidemarkException>(() => RawDevice.OpenRead("/nowhere/at/all"));
        Assert.Equal(TidemarkError.WrongUse, e.Error);
        Assert.Contains("/nowhere/at/all is not there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_a_character_device_and_a_pipe_are_refused()
    {
        using var folder = new TempFolder("raw");
        Tool.Require("mkfifo");
        Tool.Run("mkfifo", folder.At("pipe"));
        Assert.Contains("is a folder", Refusal(folder.Path), StringComparison.Ordinal);
        Assert.Contains("is a character device", Refusal("/dev/null"), StringComparison.Ordinal);
        Assert.Contains("is a pipe", Refusal(folder.At("pipe")), StringComparison.Ordinal);
        static string Refusal(string path) => Assert.Throws<TidemarkException>(() => RawDevice.OpenRead(path)).Message;
    }

    [Fact]
    public void A_source_can_not_be_written()
    {
        using var folder = new TempFolder("raw");
        using var device = RawDevice.OpenRead(folder.Sparse("file", 8192));
        Assert.False(device.CanWrite);
        Assert.Throws<NotSupportedException>(() => device.WriteAt(0, [1]));
        Assert.Throws<NotSupportedException>(() => device.WriteZeros(0, 1));
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(Libc_O_RDONLY, AccessMode(device, 0));
            Assert.Equal(Libc_O_RDONLY, AccessMode(device, 1));
        }
    }

    [Fact]
    public void Holes_of_a_file_are_extents()
    {
        using var folder = new TempFolder("raw");
        var path = folder.Sparse("file", 10 << 20);
        using (var file = new FileStream(path, FileMode.Open))
        {
            file.Position = 4 << 20;
            file.Write(new byte[65536]);
            file.Flush(flushToDisk: true);
        }

        using var device = RawDevice.OpenRead(path);
        var first = device.ExtentAt(0);
        Assert.SkipUnless(first.Kind == ExtentKind.Unallocated, "The file system doesn't report holes.");
        Assert.Equal(new DeviceExtent(0, 4 << 20, ExtentKind.Unallocated), first);
        Assert.Equal(new DeviceExtent(4 << 20, 65536, ExtentKind.Data), device.ExtentAt(4 << 20));
        Assert.Equal(new DeviceExtent((4 << 20) + 65536, (6 << 20) - 65536, ExtentKind.Unallocated), device.ExtentAt((4 << 20) + 65536));
    }

    [Fact]
    public void Zeroed_ranges_of_a_file_take_no_room()
    {
        using var folder = new TempFolder("raw");
        using var device = RawDevice.Create(folder.At("file"), 4 << 20);
        device.WriteAt(0, new byte[] { 1 }.Concat(Enumerable.Repeat((byte)7, (4 << 20) - 1)).ToArray());
        device.Flush();
        device.WriteZeros(0, 4 << 20);
        device.Flush();
        Assert.Equal(4 << 20, new FileInfo(device.Name).Length);
        var found = new byte[4 << 20];
        device.ReadAt(0, found);
        Assert.Equal(-1, found.AsSpan().IndexOfAnyExcept((byte)0));
        // Wine knows no holes.
        Assert.SkipWhen(
            OperatingSystem.IsWindows() && device.ExtentAt(0).Kind == ExtentKind.Data, "The file system doesn't report holes.");
        Assert.Equal(ExtentKind.Unallocated, device.ExtentAt(0).Kind);
        Assert.Equal(4 << 20, device.ExtentAt(0).Length);
    }

    [Fact]
    public void An_existing_file_is_replaced_only_when_asked()
    {
        using var folder = new TempFolder("raw");
        File.WriteAllText(folder.At("file"), "old");
        var e = Assert.Throws<TidemarkException>(() => RawDevice.Create(folder.At("file"), 100));
        Assert.Equal(TidemarkError.WrongUse, e.Error);
        Assert.Equal("old", File.ReadAllText(folder.At("file")));
        RawDevice.Create(folder.At("file"), 100, replace: true).Dispose();
        Assert.Equal(new byte[100], File.ReadAllBytes(folder.At("file")));
        Assert.Contains("is a folder", Assert.Throws<TidemarkException>(
            () => RawDevice.Create(folder.Path, 100, replace: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_shrank_gives_a_clear_error()
    {
        using var folder = new TempFolder("raw");
        var path = folder.Sparse("file", 100_000);
        using var device = RawDevice.OpenRead(path);
        using (var file = new FileStream(path, FileMode.Open))
        {
            file.SetLength(50_000);
        }

        device.ReadAt(0, new byte[50_000]);
        var e = Assert.Throws<DeviceIoException>(() => device.ReadAt(40_000, new byte[20_000]));
        Assert.Equal(40_000, e.Offset);
        Assert.Equal(20_000, e.Length);
        Assert.Contains("50000", e.Message, StringComparison.Ordinal);
        Assert.Equal(ExtentKind.Data, device.ExtentAt(60_000).Kind);
    }

    [Fact]
    public void An_empty_file_is_a_device_of_nothing()
    {
        using var folder = new TempFolder("raw");
        using var device = RawDevice.OpenRead(folder.Sparse("file", 0));
        Assert.Equal(0, device.Length);
        device.ReadAt(0, []);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_block_device_says_its_size_and_sectors(int sector)
    {
        using var loop = LoopFile.Attach(3 << 20, sector);
        using var device = RawDevice.OpenRead(loop.Device);
        Assert.True(device.IsBlockDevice);
        Assert.True(device.IsDirect, device.BufferedNote);
        Assert.Equal(3 << 20, device.Length);
        Assert.Equal(sector, device.Geometry.LogicalSectorSize);
        Assert.Equal(sector, device.Geometry.OffsetAlignment);
        Assert.Equal(ExtentKind.Data, device.ExtentAt(0).Kind);
        Assert.Equal(3 << 20, device.ExtentAt(0).Length);
    }

    [Fact]
    public void A_mounted_block_device_is_no_target()
    {
        Tool.Require("mkfs.ext4", "mount");
        using var loop = LoopFile.Attach(16 << 20, 512);
        Tool.Run("mkfs.ext4", "-q", loop.Device);
        using var folder = new TempFolder("mount");
        Tool.Run("mount", loop.Device, folder.Path);
        try
        {
            var e = Assert.Throws<TidemarkException>(() => RawDevice.OpenWrite(loop.Device));
            Assert.Contains("in use", e.Message, StringComparison.Ordinal);
            RawDevice.OpenRead(loop.Device).Dispose();
        }
        finally
        {
            Tool.Run("umount", folder.Path);
        }
    }

    [Fact]
    public void The_same_storage_by_two_paths_has_one_identity()
    {
        using var folder = new TempFolder("raw");
        var path = folder.Sparse("file", 4096);
        var another = @"\\?\" + path.ToUpperInvariant();
        if (OperatingSystem.IsLinux())
        {
            another = folder.At("link");
            File.CreateSymbolicLink(another, path);
        }

        using var one = RawDevice.OpenRead(path);
        using var two = RawDevice.OpenRead(another);
        using var other = RawDevice.OpenRead(folder.Sparse("other", 4096));
        Assert.Equal(one.Identity, two.Identity);
        Assert.NotEqual(one.Identity, other.Identity);
    }

    private const int Libc_O_RDONLY = 0;

    // The two lowest bits of the open flags, as the kernel keeps them.
    private static int AccessMode(RawDevice device, int which)
    {
        var file = ((LinuxRawDevice)device).File;
        var fd = which == 0 ? file.Buffered : file.Direct ?? file.Buffered;
        var flags = File.ReadLines($"/proc/self/fdinfo/{fd.Fd}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & 3;
    }
}
