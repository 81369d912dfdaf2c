using System.Globalization;
using System.Text.RegularExpressions;
using Tidemark.Engine.Allocation;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>The map of FAT12, FAT16 and FAT32 against the tables, partclone, fsck.fat and mtools; and when it isn't believed.</summary>
public partial class FatMapTests
{
    private const int Mebibyte = 1 << 20;

    public static TheoryData<string, int, string> Kinds => new()
    {
        { "fat12", 2, "-F 12 -s 1" },
        { "fat12", 12, "-F 12 -s 8 -f 1" },
        { "fat16", 20, "-F 16 -s 2 -R 7" },
        { "fat32", 36, "-F 32 -s 1" },
        { "fat32", 40, "-F 32 -s 1 -S 512 -R 100 -f 2" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_free_after_a_random_history_may_hold_anything(string type, int mebibytes, string options)
    {
        using var folder = new TempFolder("fat-map");
        Mount.Require("fat32");
        var random = Seed.Random($"{nameof(What_is_free_after_a_random_history_may_hold_anything)} {options}");
        var image = FatImage.Make(folder, mebibytes * Mebibyte, options.Split(' '));
        IReadOnlyDictionary<string, string> hashes;
        using (var mount = new FatFolder(image.Path, 0, folder.Folder("mount"), readOnly: false))
        {
            FileTree.Write(mount.Folder, random, 25, mebibytes * Mebibyte / 3);
            mount.Flush();
            // What is longer than the volume isn't tested here.
            FileTree.Change(mount.Folder, random, mebibytes > 4 ? 20 : 3);
            mount.Flush();
            hashes = FileTree.Hashes(mount.Folder);
        }

        var states = VolumeStates.Of(image.Path, random);
        Assert.Equal(type, states.FileSystem);
        AssertJudged(image, states);
        if (type != "fat12")
        {
            // It misreads FAT12.
            DomainLog.AssertSame(states, DomainLog.Used("partclone.vfat", image.Path, folder));
        }

        states.Scramble(random);
        image.AssertClean();
        using var again = new FatFolder(image.Path, 0, folder.Folder("again"), readOnly: true);
        FileTree.AssertSame(hashes, FileTree.Hashes(again.Folder));
    }

    [Theory]
    [InlineData("usb-stick.vhd")]
    [InlineData("gpt-fat32.vhdx")]
    [InlineData("mbr-fat32.vhd")]
    public void The_map_of_a_fixture_is_its_table(string name)
    {
        using var folder = new TempFolder("fat-map");
        var fixture = Fixture.Named(name);
        var partition = Assert.Single(fixture.Partitions);
        var raw = fixture.UnpackRaw(folder);
        using (var disk = File.OpenRead(raw))
        using (var volume = File.Create(folder.At("volume")))
        {
            disk.Position = partition.Offset;
            disk.CopyTo(volume);
            volume.SetLength(partition.Size);
        }

        var image = FatImage.Of(folder.At("volume"));
        AssertJudged(image, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void A_figure_of_free_space_that_lies_is_not_looked_at()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        // FSInfo: free clusters, and where to look for them.
        image.WriteBytes(512 + 488, 1, 0, 0, 0, 2, 0, 0, 0);
        AssertJudged(image, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void A_bad_cluster_is_used()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        image[700] = 0x0FFF_FFF7;
        var states = VolumeStates.Of(image.Path, Seed.Random());
        Assert.Equal(AllocationState.Used, states.StateAt(image.DataOffset + (698L * image.ClusterSize)));
        Assert.Equal(AllocationState.Free, states.StateAt(image.DataOffset + (699L * image.ClusterSize)));
    }

    [Theory]
    [InlineData("-F 16 -s 2", 20, 0x7FFF)]
    [InlineData("-F 16 -s 2", 20, 0xBFFF)]
    [InlineData("-F 32 -s 1", 36, 0x07FF_FFFF)]
    [InlineData("-F 32 -s 1", 36, 0x0BFF_FFFF)]
    public void A_volume_that_was_not_unmounted_has_no_map(string options, int mebibytes, int second)
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, mebibytes * Mebibyte, options.Split(' '));
        image[1] = (uint)second;
        AssertReason(image, "not cleanly unmounted");
    }

    [Theory]
    [InlineData("-F 12 -s 1", 2, 0x25)]
    [InlineData("-F 16 -s 2", 20, 0x25)]
    [InlineData("-F 32 -s 1", 36, 0x41)]
    public void A_volume_that_is_mounted_has_no_map(string options, int mebibytes, int place)
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, mebibytes * Mebibyte, options.Split(' '));
        image.WriteBytes(place, 1);
        AssertReason(image, "not cleanly unmounted");
    }

    [Fact]
    public void Tables_that_differ_mean_no_map()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        image.Set(1, image.Clusters + 1, 0x0FFF_FFFF);
        AssertReason(image, "tables differ");
    }

    [Fact]
    public void A_table_that_calls_everything_free_is_not_believed()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        // The root folder's only cluster.
        image[2] = 0;
        AssertReason(image, "chain of cluster 2 leads nowhere");
    }

    [Fact]
    public void A_file_whose_chain_was_freed_and_whose_name_was_not_means_no_map()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 20 * Mebibyte, "-F", "16", "-s", "2");
        image.Add(folder, (Path.Combine("a folder", "file"), 3000));
        // Cluster 2 is the folder; the file has 3 to 5.
        Assert.Equal([3u, 4u, 5u, 0xFFFFu], new[] { image[2] == 0xFFFF ? 3u : 0, image[3], image[4], image[5] });
        (image[3], image[4], image[5]) = (0, 0, 0);
        AssertReason(image, "has cluster 3, which its table calls free");
    }

    [Fact]
    public void A_chain_that_goes_on_in_free_clusters_means_no_map()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 20 * Mebibyte, "-F", "16", "-s", "2");
        image.Add(folder, ("file", 3000));
        image[4] = 9;
        AssertReason(image, "has cluster 9, which its table calls free");
    }

    [Theory]
    [InlineData("two files in one cluster", 2, 6u, "two chains")]
    [InlineData("a loop", 4, 2u, "two chains")]
    [InlineData("a link outside", 4, 0xEFFFu, "leads out of it")]
    public void Chains_that_cannot_be_mean_no_map(string what, int cluster, uint entry, string reason)
    {
        Assert.NotEmpty(what);
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 20 * Mebibyte, "-F", "16", "-s", "2");
        image.Add(folder, ("first", 3000), ("second", 3000));
        image[cluster] = entry;
        AssertReason(image, reason);
    }

    [Fact]
    public void A_volume_that_is_larger_than_its_device_or_its_tables_is_not_believed()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        using (var file = File.OpenWrite(image.Path))
        {
            file.SetLength(35 * Mebibyte);
        }

        AssertReason(image, "cut off");

        image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        image.WriteBytes(36, 4, 0, 0, 0);
        AssertReason(image, "too small");
    }

    [Fact]
    public void Behind_a_volume_that_is_smaller_than_its_partition_all_is_used()
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        using (var file = File.OpenWrite(image.Path))
        {
            file.SetLength(40 * Mebibyte);
        }

        Assert.Equal(36 * Mebibyte, VolumeStates.Of(image.Path, Seed.Random()).Length);
    }

    [Theory]
    [InlineData(40, 0x80, "only one of its tables")]
    [InlineData(42, 1, "version 0.1")]
    public void What_only_some_readers_understand_means_no_map(int place, byte value, string reason)
    {
        using var folder = new TempFolder("fat-map");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        image.WriteBytes(place, value);
        AssertReason(image, reason);
    }

    [Fact]
    public void The_remains_of_one_file_system_beside_another_mean_no_map()
    {
        using var folder = new TempFolder("fat-map");
        Tool.Require("mkfs.ext4");
        var image = FatImage.Make(folder, 36 * Mebibyte, "-F", "32", "-s", "1");
        var boot = File.ReadAllBytes(image.Path).AsSpan(0, 512).ToArray();
        Tool.Run("mkfs.ext4", "-q", "-F", image.Path);
        image.WriteBytes(0, boot);
        AssertReason(image, "it looks like ext and like fat");
    }

    private static void AssertReason(FatImage image, string reason) =>
        Assert.Contains(reason, VolumeStates.WhyNot(image.Path), StringComparison.Ordinal);

    private static void AssertJudged(FatImage image, VolumeStates states)
    {
        Assert.Equal(image.DataOffset + ((long)image.Clusters * image.ClusterSize), states.Length);
        states.AssertUsed(image.ClusterSize, image.DataOffset, image.Used());
        // The Sleuth Kit lists the chains.
        Tool.Require("fsstat");
        var listed = new bool[image.Clusters];
        foreach (Match chain in Chain().Matches(Tool.Run("fsstat", image.Path).Output))
        {
            var (first, last) = (Number(chain.Groups[1].Value), Number(chain.Groups[2].Value));
            for (var sector = first; sector <= last; sector++)
            {
                listed[((sector * image.SectorSize) - image.DataOffset) / image.ClusterSize] = true;
            }
        }

        states.AssertUsed(image.ClusterSize, image.DataOffset, listed);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+)-(\d+) \(\d+\) -> ", RegexOptions.Multiline)]
    private static partial Regex Chain();
}
