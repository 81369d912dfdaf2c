using System.Text.RegularExpressions;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>When the map of a btrfs is believed: what is held still, what a power cut leaves, and what is damaged.</summary>
public sealed class BtrfsStateTests
{
    private const long Superblock = 0x10000;
    private const int Flips = 60;

    [Fact]
    public void A_frozen_volume_has_an_exact_map()
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("160M", "-m single", folder.At("image"));
        var copy = BtrfsImage.Of(folder.At("copy"));
        IReadOnlyDictionary<string, string> before = new Dictionary<string, string>();
        image.Mounted(folder.Folder("mount"), mount =>
        {
            FileHistory.Live(mount, random, steps: 60, most: 2 << 20);
            before = FileTree.Hashes(mount);
            var open = Path.Combine(mount, "open");
            File.WriteAllBytes(open, FileTree.Content(random, 3_000_000));
            using (new FileStream(open, FileMode.Open))
            {
                File.Delete(open);
                Tool.Run("fsfreeze", "-f", mount);
                try
                {
                    Tool.Run("cp", "--sparse=always", image.Files[0], copy.Files[0]);
                }
                finally
                {
                    Tool.Run("fsfreeze", "-u", mount);
                }
            }
        });

        Judge(copy, before, folder.Folder("again"), random);
    }

    [Fact]
    public void A_volume_cut_off_in_mid_write_is_read_whole_or_exactly()
    {
        BtrfsImage.Require();
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-state");

        // On a file system that clones files in one instant, as a power cut is one.
        var outer = folder.At("outer");
        XfsImage.Make(outer, "1G", "-m reflink=1");
        using var store = Mount.OfFile(outer, 0, 0, folder.Folder("store"), "xfs");
        var image = BtrfsImage.Make("128M", "-m single", Path.Combine(store.Folder, "image"));
        var cuts = new List<string>();
        image.Mounted(folder.Folder("mount"), mount =>
        {
            using var writer = new Writer(mount, random);
            for (var i = 0; i < 6; i++)
            {
                Thread.Sleep(random.Next(200));
                var cut = Path.Combine(store.Folder, $"cut{i}");
                Tool.Run("cp", "--reflink=always", image.Files[0], cut);
                cuts.Add(cut);
            }
        });

        foreach (var cut in cuts)
        {
            if (MapReading.Refusal(cut) is { } reason)
            {
                Assert.Contains("log tree", reason, StringComparison.Ordinal);
                continue;
            }

            var plain = BtrfsImage.Of(cut + "-plain");
            Tool.Run("cp", "--reflink=always", cut, plain.Files[0]);
            IReadOnlyDictionary<string, string> expected = new Dictionary<string, string>();
            plain.Mounted(folder.Folder("plain"), mount => expected = FileTree.Hashes(mount));
            Judge(BtrfsImage.Of(cut), expected, folder.Folder("again"), random);
        }
    }

    [Fact]
    public void What_was_flushed_after_the_last_commit_is_a_reason_to_read_the_volume_whole()
    {
        BtrfsImage.Require();
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("128M", "-m single", folder.At("image"));
        var copy = folder.At("copy");
        image.Mounted(folder.Folder("mount"), mount =>
        {
            File.WriteAllText(Path.Combine(mount, "a"), "content");
            Tool.Run("sync", "-f", mount);
            Tool.Run("bash", "-c", "echo more >>\"$1\"; sync \"$1\"", "bash", Path.Combine(mount, "a"));
            Tool.Run("cp", "--sparse=always", image.Files[0], copy);
        });

        Assert.Contains("log tree", MapReading.Refusal(copy), StringComparison.Ordinal);
        Assert.Null(MapReading.Refusal(image.Files[0]));
    }

    [Fact]
    public void A_volume_whose_id_was_changed_has_an_exact_map()
    {
        BtrfsImage.Require();
        Tool.Require("btrfstune");
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("128M", "-m single", folder.At("image"));
        IReadOnlyDictionary<string, string> before = new Dictionary<string, string>();
        image.Mounted(folder.Folder("mount"), mount =>
        {
            FileHistory.Live(mount, random, steps: 30, most: 1 << 20);
            before = FileTree.Hashes(mount);
        });
        Tool.Run("btrfstune", "-m", image.Files[0]);

        Judge(image, before, folder.Folder("again"), random);
    }

    [Fact]
    public void Any_flipped_bit_of_a_superblock_or_of_a_tree_that_the_map_comes_from_is_noticed()
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("128M", "-m single -n 4096", folder.At("image")).Files[0];
        var trees = new[] { "chunk", "root", "dev", "extent" }.Select(tree => Physical(image, tree)).ToArray();
        Assert.Null(MapReading.Refusal(image));
        using var file = new FileStream(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 0; i < Flips; i++)
        {
            // The magic and its place apart: without them it is no btrfs. Of a tree block's 32 bytes for its checksum CRC-32C takes four.
            var inBlock = random.Next(4096 - 28);
            var at = i % 5 == 4 ? Superblock + 0x48 + random.Next(4096 - 0x48) : trees[i % 5] + (inBlock < 4 ? inBlock : inBlock + 28);
            var bit = (byte)(1 << random.Next(8));
            Flip(file, at, bit);
            Assert.True(MapReading.Refusal(image) is not null, $"Bit {bit} of byte {at} makes no difference.");
            Flip(file, at, bit);
        }

        Assert.Null(MapReading.Refusal(image));
    }

    [Fact]
    public void A_tree_with_one_damaged_copy_is_read_from_the_other()
    {
        BtrfsImage.Require();
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("200M", "-m dup", folder.At("image")).Files[0];
        using var file = new FileStream(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        Flip(file, Physical(image, "extent") + 200, 1);
        Assert.Null(MapReading.Refusal(image));
        Flip(file, Physical(image, "extent", copy: 1) + 200, 1);
        Assert.Contains("checksum", MapReading.Refusal(image), StringComparison.Ordinal);
    }

    [Fact]
    public void All_copies_of_the_superblock_are_used_and_a_newer_one_is_a_reason_to_read_all()
    {
        BtrfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("300G", "-m single -K", folder.At("image")).Files[0];
        var map = MapReading.Of(image, random);
        Assert.All(
            new[] { Superblock, 64L << 20, 256L << 30 },
            place => Assert.DoesNotContain(map.Free, extent => extent.Offset < place + 4096 && extent.End > place));
        Assert.InRange(map.UsedBytes, 1 << 20, 4 << 20);

        // A power cut between the commits of the copies, seen from the other side.
        var old = new byte[4096];
        using (var file = File.OpenRead(image))
        {
            file.Position = Superblock;
            file.ReadExactly(old);
        }

        BtrfsImage.Of(image).Mounted(folder.Folder("mount"), mount => File.WriteAllText(Path.Combine(mount, "a"), "content"));
        using (var file = new FileStream(image, FileMode.Open, FileAccess.Write))
        {
            file.Position = Superblock;
            file.Write(old);
        }

        Assert.Contains("newer", MapReading.Refusal(image), StringComparison.Ordinal);
    }

    [Fact]
    public void A_walk_takes_no_memory_for_what_it_walks_over()
    {
        BtrfsImage.Require();
        Tool.Require("xfs_io");
        using var folder = new TempFolder("btrfs-state");
        var image = BtrfsImage.Make("256M", "-m single -n 4096", folder.At("image"));
        image.Mounted(folder.Folder("mount"), mount => Tool.Run("bash", "-c", """
            cd "$1"; head -c 60000000 /dev/zero >a
            for i in $(seq 0 2 14000); do echo "pwrite -q $((i * 4096)) 4096"; done | xfs_io a
            """, "bash", mount));
        using var device = RawDevice.OpenRead(image.Files[0]);
        var source = new DeviceSource(device, 0, device.Length);
        using var map = VolumeMaps.TryOpen(source)!;
        map.ExtentAt(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (long at = 0; at < map.Length; at = map.ExtentAt(at).End)
        {
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    private static void Judge(BtrfsImage image, IReadOnlyDictionary<string, string> expected, string mountpoint, Random random)
    {
        var map = MapReading.Of(image.Files[0], random);
        map.AssertFree(image.Free(0));
        map.Scribble(random);
        image.Check();
        image.Mounted(mountpoint, mount => FileTree.AssertSame(expected, FileTree.Hashes(mount)));
    }

    // Where a tree's first block lies on the device.
    private static long Physical(string image, string tree, int copy = 0)
    {
        var dump = BtrfsImage.Of(image).Dump(tree);
        var logical = Regex.Match(dump, @"^(?:leaf|node) (\d+)", RegexOptions.Multiline, TimeSpan.FromSeconds(10)).Groups[1].Value;
        var output = Tool.Run("btrfs-map-logical", "-l", logical, image).Output;
        return long.Parse(Regex.Matches(output, @"physical (\d+)", RegexOptions.None, TimeSpan.FromSeconds(10))[copy].Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Flip(FileStream file, long at, byte bit)
    {
        file.Position = at;
        var value = (byte)file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ bit));
    }
}
