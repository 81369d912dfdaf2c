using Tidemark.Engine.Allocation;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>The map of exFAT against its bitmap, partclone, fsck.exfat and a mount; and when it isn't believed.</summary>
public class ExfatMapTests
{
    private const int Mebibyte = 1 << 20;
    private const int Flags = 106;
    private const byte BitmapEntry = 0x81;
    private const byte UpcaseEntry = 0x82;

    [Theory]
    [InlineData(12, 512)]
    [InlineData(24, 4096)]
    [InlineData(64, 131072)]
    public void What_is_free_after_a_random_history_may_hold_anything(int mebibytes, int clusterSize)
    {
        using var folder = new TempFolder("exfat-map");
        Mount.Require("exfat");
        var random = Seed.Random($"{nameof(What_is_free_after_a_random_history_may_hold_anything)} {clusterSize}");
        var image = Make(folder, mebibytes, clusterSize);
        IReadOnlyDictionary<string, string> hashes;
        using (var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "exfat"))
        {
            FileTree.Write(mount.Folder, random, 40, mebibytes * Mebibyte / 3);
            FileTree.Change(mount.Folder, random, 30);
            hashes = FileTree.Hashes(mount.Folder);
        }

        var states = VolumeStates.Of(image.Path, random);
        AssertJudged(image, states);
        DomainLog.AssertSame(states, DomainLog.Used("partclone.exfat", image.Path, folder));
        states.Scramble(random);
        image.AssertClean();
        using var again = Mount.OfFile(image.Path, 0, 0, folder.Folder("again"), "exfat", readOnly: true);
        FileTree.AssertSame(hashes, FileTree.Hashes(again.Folder));
    }

    [Theory]
    [InlineData("gpt-exfat.vhd")]
    [InlineData("mbr-exfat.vhdx")]
    public void The_map_of_a_fixture_is_its_bitmap(string name)
    {
        using var folder = new TempFolder("exfat-map");
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

        var image = ExfatImage.Of(folder.At("volume"));
        AssertJudged(image, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void A_bitmap_in_two_pieces_is_followed()
    {
        using var folder = new TempFolder("exfat-map");
        // Clusters of 512 bytes: the bitmap has several.
        var image = Make(folder, 12, 512);
        var used = image.Used();
        var first = image.Number(image.Entry(BitmapEntry) + 20);
        var moved = (uint)(image.Clusters - 5);
        image.Mark(image.OffsetOf(first), moved, used: true);
        // The second piece of the bitmap moves far away; where it was is free now.
        image.Write(image.OffsetOf(moved), image.Bytes(image.OffsetOf(first + 1), image.ClusterSize));
        image.Write(image.OffsetOf(first + 1), new byte[image.ClusterSize]);
        image.WriteNumber(image.LinkOf(moved), image.Number(image.LinkOf(first + 1)));
        image.WriteNumber(image.LinkOf(first), moved);
        var bit = moved - 2;
        if (bit / 8 >= image.ClusterSize)
        {
            image.Mark(image.OffsetOf(moved) - image.ClusterSize, moved, used: true);
        }

        // The piece that moved tells of its own clusters; the first tells of the place that it left.
        image.Mark(image.OffsetOf(first), first + 1, used: false);
        var states = VolumeStates.Of(image.Path, Seed.Random());
        var expected = used.ToArray();
        expected[first - 1] = false;
        expected[bit] = true;
        states.AssertUsed(image.ClusterSize, image.HeapOffset, expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void With_two_tables_what_either_bitmap_calls_used_is_used(int active)
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        var first = image.Number(image.Entry(BitmapEntry) + 20);
        var second = (uint)(image.Clusters / 2);
        var onlyFirst = second + 10;
        var onlySecond = second + 20;
        image.Mark(image.OffsetOf(first), second, used: true);
        image.WriteNumber(image.LinkOf(second), 0xFFFF_FFFF);
        MakeTexfat(image, active, second);
        image.Write(image.OffsetOf(second), image.Bytes(image.OffsetOf(first), image.ClusterSize));
        image.Mark(image.OffsetOf(first), onlyFirst, used: true);
        image.Mark(image.OffsetOf(second), onlySecond, used: true);

        var states = VolumeStates.Of(image.Path, Seed.Random());
        Assert.Equal(AllocationState.Used, states.StateAt(image.OffsetOf(onlyFirst)));
        Assert.Equal(AllocationState.Used, states.StateAt(image.OffsetOf(onlySecond)));
        Assert.Equal(AllocationState.Free, states.StateAt(image.OffsetOf(onlySecond + 1)));
    }

    [Fact]
    public void With_two_tables_chains_are_those_of_the_active_one()
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        var second = (uint)(image.Clusters / 2);
        image.Mark(image.OffsetOf(image.Number(image.Entry(BitmapEntry) + 20)), second, used: true);
        image.WriteNumber(image.LinkOf(second), 0xFFFF_FFFF);
        MakeTexfat(image, 1, second);
        image.Write(image.OffsetOf(second), image.Bytes(image.OffsetOf(image.Number(image.Entry(BitmapEntry) + 20)), image.ClusterSize));
        image.WriteNumber(image.LinkOf(image.RootCluster), 1);
        VolumeStates.Of(image.Path, Seed.Random());
        image.Write(Flags, [0]);
        AssertReason(image, "chain of cluster");
    }

    [Fact]
    public void The_share_in_use_that_the_boot_sector_tells_is_not_looked_at()
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        image.Write(112, [99]);
        AssertJudged(image, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void While_a_driver_has_it_a_volume_has_no_map()
    {
        using var folder = new TempFolder("exfat-map");
        Mount.Require("exfat");
        var image = Make(folder, 24, 4096);
        using (var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "exfat"))
        {
            mount.Flush();
            AssertReason(image, "marked dirty");
        }

        AssertJudged(image, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void A_volume_that_is_marked_dirty_has_no_map()
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        image.Write(Flags, [2]);
        AssertReason(image, "marked dirty");
    }

    [Fact]
    public void A_boot_region_whose_checksum_is_wrong_means_no_map()
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        image.Write((11 * image.SectorSize) - 9, [1]);
        AssertReason(image, "checksum");
    }

    [Theory]
    [InlineData(80, 0u, "don't fit together")]
    [InlineData(84, 1u, "don't fit together")]
    [InlineData(88, 30u, "don't fit together")]
    [InlineData(92, 0xFFFF_FFFFu, "don't fit together")]
    [InlineData(92, 1_000_000u, "don't fit together")]
    [InlineData(96, 1_000_000u, "don't fit together")]
    [InlineData(72, 0x7FFF_FFFFu, "cut off")]
    [InlineData(104, 0x0000_0200u, "revision 2")]
    public void Places_that_do_not_fit_together_mean_no_map(int place, uint value, string reason)
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        image.WriteNumber(place, value);
        image.Seal();
        AssertReason(image, reason);
    }

    [Theory]
    [InlineData(BitmapEntry)]
    [InlineData(UpcaseEntry)]
    [InlineData(0)]
    public void A_bitmap_that_calls_what_every_volume_has_free_is_not_believed(byte entry)
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        var cluster = entry == 0 ? image.RootCluster : image.Number(image.Entry(entry) + 20);
        image.Mark(image.OffsetOf(image.Number(image.Entry(BitmapEntry) + 20)), cluster, used: false);
        AssertReason(image, "calls clusters free");
    }

    [Fact]
    public void A_bitmap_that_is_too_short_or_missing_means_no_map()
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        image.WriteNumber(image.Entry(BitmapEntry) + 24, 5);
        AssertReason(image, "shorter");
        image.Write(image.Entry(BitmapEntry), [1]);
        AssertReason(image, "lacks a bitmap");
    }

    [Fact]
    public void A_root_folder_that_goes_round_means_no_map()
    {
        using var folder = new TempFolder("exfat-map");
        var image = Make(folder, 24, 4096);
        image.WriteNumber(image.LinkOf(image.RootCluster), image.RootCluster);
        AssertReason(image, "chain of cluster");
    }

    private static ExfatImage Make(TempFolder folder, int mebibytes, int clusterSize) => ExfatImage.Make(
        folder, mebibytes * Mebibyte, "-c", clusterSize.ToString(System.Globalization.CultureInfo.InvariantCulture));

    // A second table behind the first, and a second bitmap in a cluster. The alignment of the heap leaves room.
    private static void MakeTexfat(ExfatImage image, int active, uint bitmap)
    {
        image.Write(110, [2]);
        image.Write(Flags, [(byte)active]);
        Assert.InRange(image.TableOffset + (2 * image.TableLength), 0, image.HeapOffset);
        image.Write(image.TableOffset + image.TableLength, image.Bytes(image.TableOffset, (int)image.TableLength));
        image.Seal();
        var root = image.OffsetOf(image.RootCluster);
        var free = root;
        while (image.Bytes(free, 1)[0] != 0)
        {
            free += 32;
        }

        var entry = image.Bytes(image.Entry(BitmapEntry), 32);
        entry[1] = 1;
        BitConverter.TryWriteBytes(entry.AsSpan(20), bitmap);
        image.Write(free, entry);
    }

    private static void AssertReason(ExfatImage image, string reason) =>
        Assert.Contains(reason, VolumeStates.WhyNot(image.Path), StringComparison.Ordinal);

    private static void AssertJudged(ExfatImage image, VolumeStates states)
    {
        Assert.Equal("exfat", states.FileSystem);
        Assert.Equal(image.HeapOffset + ((long)image.Clusters * image.ClusterSize), states.Length);
        states.AssertUsed(image.ClusterSize, image.HeapOffset, image.Used());
    }
}
