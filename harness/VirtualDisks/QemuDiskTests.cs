using System.Text.Json;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Disks that qemu made and filled, compared with what qemu reads from them.</summary>
public sealed class QemuDiskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-vd-").FullName;

    public static TheoryData<string, string> Kinds => new()
    {
        { "vpc", "subformat=fixed,force_size=on" },
        { "vpc", "subformat=fixed" },
        { "vpc", "subformat=dynamic,force_size=on" },
        { "vpc", "subformat=dynamic" },
        { "vhdx", "subformat=dynamic" },
        { "vhdx", "subformat=dynamic,block_size=1M" },
        { "vhdx", "subformat=dynamic,block_size=2M,block_state_zero=off" },
        { "vhdx", "subformat=fixed,block_size=4M" },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_disk_that_qemu_wrote_reads_as_qemu_reads_it(string format, string options)
    {
        var path = Create(format, options, "70M");
        Qemu.Io(
            format,
            path,
            "write -P 0x11 0 64k",
            "write -P 0x22 3145728 5M",
            "write -P 0x33 20000256 512",
            "write -P 0x44 41943040 4194304",
            "write -P 0x55 69206016 1M");
        AssertAsQemu(format, path);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_disk_that_qemu_converted_reads_as_qemu_reads_it(string format, string options)
    {
        var raw = Path.Combine(folder, "source.raw");
        var content = new byte[40 << 20];
        Disks.Pattern(9 << 20, 3).CopyTo(content, 1 << 20);
        Disks.Pattern(1 << 20, 4).CopyTo(content, 39 << 20);
        File.WriteAllBytes(raw, content);
        var path = Path.Combine(folder, "disk");
        Qemu.Img("convert", "-f", "raw", "-O", format, "-o", options, raw, path);
        AssertAsQemu(format, path);
        using var disk = Disks.Open(new PlainFileDevice(path));
        Assert.Equal(content, Disks.ReadAll(disk).AsSpan(0, content.Length).ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_empty_disk_is_zeros(string format, string options)
    {
        var path = Create(format, options, "33M");
        AssertAsQemu(format, path);
        using var disk = Disks.Open(new PlainFileDevice(path));
        Assert.NotEqual(Guid.Empty, disk.UniqueId);
        Assert.StartsWith(format == "vpc" ? "VHD, " : "VHDX, ", disk.FormatName, StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_sparse_disk_opens_and_answers_without_loading_its_table()
    {
        var path = Create("vhdx", "subformat=dynamic,block_size=1M", "16T");
        Qemu.Io("vhdx", path, "write -P 0x77 10T 1M");
        using var disk = Disks.Open(new PlainFileDevice(path));
        Assert.Equal(16L << 40, disk.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sector = new byte[512];
        disk.ReadAt((10L << 40) + 512, sector);
        Assert.All(sector, b => Assert.Equal(0x77, b));
        long data = 0;
        for (var at = 9L << 40; at < 11L << 40;)
        {
            var extent = disk.ExtentAt(at);
            data += extent.Kind == ExtentKind.Data ? extent.Length : 0;
            at = extent.End;
        }

        Assert.Equal(1 << 20, data);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private string Create(string format, string options, string size)
    {
        var path = Path.Combine(folder, "disk");
        Qemu.Img("create", "-q", "-f", format, "-o", options, path, size);
        return path;
    }

    private void AssertAsQemu(string format, string path)
    {
        var raw = Path.Combine(folder, "expected.raw");
        Qemu.Img("convert", "-f", format, "-O", "raw", path, raw);
        var expected = File.ReadAllBytes(raw);
        using var disk = Disks.Open(new PlainFileDevice(path));
        Disks.AssertContent(expected, disk);
        using var map = JsonDocument.Parse(Qemu.Img("map", "-f", format, "--output=json", path));
        foreach (var range in map.RootElement.EnumerateArray())
        {
            if (!range.GetProperty("data").GetBoolean() && !range.TryGetProperty("offset", out _))
            {
                AssertUnallocated(disk, range.GetProperty("start").GetInt64(), range.GetProperty("length").GetInt64());
            }
        }
    }

    private static void AssertUnallocated(VirtualDisk disk, long start, long length)
    {
        for (var at = start; at < start + length;)
        {
            var extent = disk.ExtentAt(at);
            Assert.Equal(ExtentKind.Unallocated, extent.Kind);
            at = extent.End;
        }
    }
}
