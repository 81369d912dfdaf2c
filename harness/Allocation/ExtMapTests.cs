using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Maps of clean ext file systems, with dumpe2fs as the judge block by block.</summary>
public class ExtMapTests
{
    private static readonly (int Size, string Options)[] usual =
    [
        (40, ""),
        (41, "-b 1024 -G 4"),
        (120, "-b 1024 -O meta_bg,^resize_inode"),
        (120, "-b 1024 -O sparse_super2,^flex_bg"),
        (120, "-b 1024 -O ^metadata_csum,uninit_bg,^64bit"),
        (64, "-O bigalloc -C 65536"),
        (120, "-t ext3 -b 1024"),
        (40, "-t ext2"),
    ];

    private static readonly (int Size, string Options)[] rare =
    [
        (40, "-b 2048"),
        (40, "-b 1024 -g 2048"),
        (200, "-b 1024 -O ^flex_bg"),
        (200, "-b 1024 -O ^flex_bg,^sparse_super,^resize_inode"),
        (200, "-b 1024 -O meta_bg,^resize_inode,^flex_bg,^64bit"),
        (200, "-b 1024 -O meta_bg,^resize_inode,^sparse_super"),
        (200, "-b 1024 -O sparse_super2 -E num_backup_sb=1"),
        (200, "-b 1024 -O sparse_super2 -E num_backup_sb=0"),
        (200, "-b 1024 -O ^64bit"),
        (200, "-b 1024 -O ^resize_inode"),
        (200, "-b 1024 -O ^metadata_csum,uninit_bg"),
        (200, "-b 1024 -O ^metadata_csum,^uninit_bg"),
        (200, "-b 1024 -O metadata_csum_seed"),
        (200, "-b 1024 -E packed_meta_blocks=1"),
        (200, "-b 1024 -E resize=4000000"),
        (200, "-b 1024 -O ^has_journal"),
        (40, "-O mmp"),
        (40, "-O quota,project -I 512"),
        (40, "-N 20000"),
        (64, "-O bigalloc"),
        (64, "-O bigalloc -C 4096"),
        (300, "-O bigalloc -C 65536 -b 1024"),
        (300, "-O bigalloc -C 1048576"),
        (64, "-O bigalloc,meta_bg,^resize_inode -C 65536"),
        (64, "-b 1024 -O ^has_journal,bigalloc -C 16384"),
        (40, "-t ext2 -r 0 -O none"),
        (40, "-t ext2 -b 1024 -O ^sparse_super,^resize_inode"),
        (40, "-t ext3"),
        (200, "-t ext3 -b 1024 -O ^resize_inode"),
        (300, "-b 65536"),
        (40, "-O fast_commit,orphan_file,casefold,encrypt,inline_data,large_dir,verity"),
    ];

    public static TheoryData<int, string> Kinds => [.. LongForm.Is ? [.. usual, .. rare] : usual];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_map_is_what_dumpe2fs_says_block_by_block(int size, string options)
    {
        using var folder = new TempFolder("extmap");
        var random = Seed.Random();
        var image = ExtImage.Make(folder, size, [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Dumpe2fs.Of(image).AssertSame(Maps.FreeOf(image));

        ExtImage.Fill(folder, image, random, 6 << 20);
        var judge = Dumpe2fs.Of(image);
        Assert.NotEmpty(judge.Free);
        judge.AssertSame(Maps.FreeOf(image));
    }

    [Theory]
    [InlineData("-b 1024", 40, 90)]
    [InlineData("-b 1024 -O ^resize_inode,^flex_bg", 40, 90)]
    [InlineData("-b 1024 -O ^metadata_csum", 90, 30)]
    [InlineData("-b 1024 -O sparse_super2", 40, 90)]
    public void A_map_of_a_file_system_that_was_resized_is_right(string options, int before, int after)
    {
        Tool.Require("resize2fs");
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, Math.Max(before, after), [.. options.Split(' '), "-E", "lazy_itable_init=1"]);
        Tool.Run("resize2fs", "-f", image, $"{before}M");
        ExtImage.Fill(folder, image, Seed.Random(), 4 << 20);
        Tool.Run("e2fsck", "-fy", image);
        Tool.Run("resize2fs", "-f", image, $"{after}M");
        // With sparse_super2 resize2fs leaves bitmaps that e2fsck, and the map, take exception to.
        Assert.InRange(Tool.Try("e2fsck", "-fy", image).ExitCode, 0, 1);
        Dumpe2fs.Of(image).AssertSame(Maps.FreeOf(image));
    }

    [Fact]
    public void A_map_speaks_of_the_file_system_and_not_of_what_lies_behind_it()
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, "-b", "1024");
        using (var file = File.OpenWrite(image))
        {
            file.SetLength(file.Length + 12345);
        }

        using var device = RawDevice.OpenRead(image);
        using var map = VolumeMaps.TryOpen(new DeviceSource(device, 0, device.Length))!;
        Assert.Equal(8 << 20, map.Length);
        Assert.Equal("ext4", map.FileSystem);
    }

    [Fact]
    public void A_map_inside_of_a_disk_is_the_same_as_alone()
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, "-b", "1024");
        const int Offset = (1 << 20) + 512;
        var disk = new byte[Offset + (8 << 20) + 777];
        File.ReadAllBytes(image).CopyTo(disk, Offset);
        using var device = new MemoryDevice(disk);
        using var map = VolumeMaps.TryOpen(new DeviceSource(device, Offset, 8 << 20))!;
        Assert.Equal(Maps.FreeOf(image), Maps.FreeOf(map));
    }

    [Fact]
    public void The_map_of_sixteen_terabytes_takes_little_memory_and_reads_no_bitmap_that_was_never_written()
    {
        using var folder = new TempFolder("extmap");
        Tool.Require("mkfs.ext4");
        // The largest file of ext4 with blocks of 4 KiB.
        var image = folder.Sparse("large.img", (16L << 40) - 4096);
        Tool.Run("mkfs.ext4", "-q", "-F", "-E", "lazy_journal_init=1,nodiscard", image);
        using var device = RawDevice.OpenRead(image);
        var source = new CountingSource(new DeviceSource(device, 0, device.Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var map = VolumeMaps.TryOpen(source)!;
        var end = 0L;
        while (end < map.Length)
        {
            end = map.ExtentAt(end).End;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 64 << 20);
        // Descriptors three times, 8 MiB each, and the bitmaps of the groups that hold others' records twice, 32 MiB each.
        Assert.InRange(source.BytesRead, 1, 100 << 20);
        Assert.InRange(map.UsedBytes, 0, 200L << 30);
    }
}
