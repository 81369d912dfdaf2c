using System.Globalization;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>
/// The map of btrfs against what btrfs prints of its trees, block by block, and against what a reader finds when all that is free
/// was overwritten.
/// </summary>
public sealed class BtrfsMapTests
{
    [Theory]
    [InlineData("200M", "")]
    [InlineData("160M", "-m single -d single")]
    [InlineData("100M", "--mixed")]
    [InlineData("300M", "-m dup -d dup")]
    [InlineData("160M", "--csum xxhash -m single")]
    [InlineData("160M", "--csum sha256 -m single")]
    [InlineData("160M", "--csum blake2 -m single")]
    [InlineData("160M", "-n 4096 -m single")]
    [InlineData("160M", "-n 65536 -m single")]
    [InlineData("160M", "-m single -O ^skinny-metadata,^no-holes -R ^free-space-tree")]
    public void After_a_random_history_the_map_is_that_of_the_trees_and_what_is_free_may_hold_anything(string size, string options)
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-map");
        var image = BtrfsImage.Make(size, options, folder.At("image"));
        Judge(image, folder.Folder("mount"), random);
    }

    [Theory]
    [InlineData(2, "-d raid1 -m raid1")]
    [InlineData(2, "-d raid0 -m raid1")]
    [InlineData(2, "-d single -m raid1")]
    [InlineData(3, "-d raid1c3 -m raid1c3")]
    [InlineData(4, "-d raid10 -m raid1c4")]
    [InlineData(3, "-d raid5 -m raid1c3")]
    public void Each_device_of_several_has_a_map_of_its_own(int devices, string options)
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-map");
        var image = BtrfsImage.Make("200M", options, [.. Enumerable.Range(1, devices).Select(i => folder.At($"image{i}"))]);
        Judge(image, folder.Folder("mount"), random);
    }

    [Theory]
    [InlineData("-d raid0 -m raid0")]
    [InlineData("-d single -m single")]
    public void A_device_whose_trees_lie_partly_on_another_is_read_whole_or_has_an_exact_map(string options)
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-map");
        var image = BtrfsImage.Make("200M", options, folder.At("image1"), folder.At("image2"));
        image.Mounted(folder.Folder("mount"), mount => FileHistory.Live(mount, random, steps: 60, most: 1 << 20));
        for (var i = 0; i < image.Files.Count; i++)
        {
            if (MapReading.Refusal(image.Files[i]) is { } reason)
            {
                Assert.Contains("on another device", reason, StringComparison.Ordinal);
            }
            else
            {
                MapReading.Of(image.Files[i], random).AssertFree(image.Free(i));
            }
        }
    }

    [Fact]
    public void A_device_that_took_the_place_of_another_has_an_exact_map()
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-map");
        var image = BtrfsImage.Make("400M", "", folder.At("image"));
        using (var target = LoopDevice.Attach(folder.Sparse("target", 420 << 20)))
        {
            image.Mounted(folder.Folder("mount"), mount =>
            {
                FileHistory.Live(mount, random, steps: 60, most: 1 << 20);
                Tool.Run("btrfs", "replace", "start", "-f", "-B", "1", target, mount);
                Tool.Run("sync", "-f", mount);
            });
        }

        Judge(BtrfsImage.Of(folder.At("target")), folder.Folder("again"), random);
    }

    [Fact]
    public void A_device_that_shrank_and_was_balanced_has_an_exact_map()
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-map");
        var image = BtrfsImage.Make("300M", "", folder.At("image"));
        image.Mounted(folder.Folder("mount"), mount =>
        {
            FileHistory.Live(mount, random, steps: 40, most: 1 << 20);
            Tool.Run("btrfs", "balance", "start", "--full-balance", mount);
            Tool.Run("btrfs", "filesystem", "resize", "-30M", mount);
        });

        Assert.InRange(MapReading.Of(image.Files[0], random).Length, 260 << 20, 271 << 20);
        Judge(image, folder.Folder("again"), random);
    }

    private static void Judge(BtrfsImage image, string mountpoint, Random random)
    {
        IReadOnlyDictionary<string, string> before = new Dictionary<string, string>();
        image.Mounted(mountpoint, mount =>
        {
            Live(mount, random);
            before = FileTree.Hashes(mount);
        });

        for (var i = 0; i < image.Files.Count; i++)
        {
            var map = MapReading.Of(image.Files[i], random);
            map.AssertFree(image.Free(i));
            Assert.Equal("btrfs", map.FileSystem);
            map.Scribble(random);
        }

        image.Check();
        image.Mounted(mountpoint, mount => FileTree.AssertSame(before, FileTree.Hashes(mount)));
    }

    // Files, some of them compressed, snapshots that hold what is gone from them, and some that are being deleted at the end.
    private static void Live(string mount, Random random)
    {
        Directory.CreateDirectory(Path.Combine(mount, "d0"));
        Tool.Run("chattr", "+c", Path.Combine(mount, "d0"));
        for (var i = 0; i < 4; i++)
        {
            FileHistory.Live(mount, random, steps: 25, most: 2 << 20);
            Tool.Run("btrfs", "subvolume", "snapshot", mount, Path.Combine(mount, string.Create(CultureInfo.InvariantCulture, $"snapshot{i}")));
        }

        Tool.Run("btrfs", "subvolume", "delete", Path.Combine(mount, "snapshot1"), Path.Combine(mount, "snapshot2"));
    }
}
