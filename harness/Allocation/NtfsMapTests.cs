using Tidemark.Engine.Allocation;
using Tidemark.Engine.Allocation.Ntfs;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>The map of NTFS against what ntfs-3g's tools say of the same volume, and against a mount of what it keeps.</summary>
public class NtfsMapTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData("gpt-ntfs.vhd")]
    [InlineData("mbr-ntfs.vhdx")]
    public void The_map_of_a_fixture_is_its_bitmap(string name)
    {
        using var folder = new TempFolder("ntfs-map");
        var fixture = Fixture.Named(name);
        var partition = Assert.Single(fixture.Partitions);
        var random = Seed.Random();
        var raw = fixture.UnpackRaw(folder);
        var states = VolumeStates.Of(raw, random, partition.Offset, partition.Size);

        using (var disk = File.OpenRead(raw))
        using (var volume = File.Create(folder.At("volume")))
        {
            disk.Position = partition.Offset;
            disk.CopyTo(volume);
            volume.SetLength(partition.Size);
        }

        var image = NtfsImage.Of(folder.At("volume"));
        AssertJudged(image, folder, states);
    }

    [Theory]
    [InlineData(512, 5)]
    [InlineData(1024, 9)]
    [InlineData(4096, 21)]
    [InlineData(65536, 40)]
    [InlineData(262144, 64)]
    [InlineData(2097152, 512)]
    public void Clusters_of_any_size_are_mapped(int clusterSize, int mebibytes)
    {
        using var folder = new TempFolder("ntfs-map");
        var random = Seed.Random();
        // A size that isn't whole clusters.
        var image = NtfsImage.Make(folder, (mebibytes * Mebibyte) + (512 * 3), clusterSize);
        Assert.Equal(clusterSize, image.ClusterSize);
        AssertJudged(image, folder, VolumeStates.Of(image.Path, random));
    }

    [Fact]
    public void Records_of_4_KiB_on_sectors_of_4_KiB_are_read()
    {
        using var folder = new TempFolder("ntfs-map");
        var image = NtfsImage.Make(folder, 24 * Mebibyte, sectorSize: 4096);
        Assert.Equal(4096, image.RecordSize);
        AssertJudged(image, folder, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void Behind_a_volume_that_is_smaller_than_its_partition_all_is_used()
    {
        using var folder = new TempFolder("ntfs-map");
        var random = Seed.Random();
        var image = NtfsImage.Make(folder, 16 * Mebibyte);
        using (var file = File.OpenWrite(image.Path))
        {
            file.SetLength(20 * Mebibyte);
        }

        var states = VolumeStates.Of(image.Path, random);
        // The sector behind the clusters has the boot sector's copy.
        Assert.Equal((16 * Mebibyte) - image.ClusterSize, states.Length);
        AssertJudged(image, folder, states);
    }

    [Fact]
    public void A_volume_that_fills_its_partition_keeps_the_copy_of_its_boot_sector()
    {
        using var folder = new TempFolder("ntfs-map");
        var image = NtfsImage.Make(folder, 16 * Mebibyte);
        using (var file = File.OpenWrite(image.Path))
        {
            // Nothing lies behind the clusters any more: the last sector is in one.
            file.SetLength(image.Clusters * image.ClusterSize);
        }

        image.WriteBytes(40, BitConverter.GetBytes(image.Clusters * image.ClusterSize / 512));

        Assert.Equal((image.Clusters - 1) * image.ClusterSize, VolumeStates.Of(image.Path, Seed.Random()).Length);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void What_is_free_after_a_random_history_may_hold_anything(int clusterSize)
    {
        using var folder = new TempFolder("ntfs-map");
        Mount.Require("ntfs");
        var random = Seed.Random($"{nameof(What_is_free_after_a_random_history_may_hold_anything)} {clusterSize}");
        var image = NtfsImage.Make(folder, 48 * Mebibyte, clusterSize);
        var hashes = Change(image, folder, at =>
        {
            FileTree.Write(at, random, 60, 12 * Mebibyte);
            FileTree.Change(at, random, 60);
        });
        AssertKept(image, folder, hashes, random);
    }

    [Fact]
    public void An_MFT_in_many_pieces_is_followed()
    {
        using var folder = new TempFolder("ntfs-map");
        Mount.Require("ntfs");
        var random = Seed.Random();
        var image = NtfsImage.Make(folder, 12 * Mebibyte);
        var hashes = Change(image, folder, at =>
        {
            // Two files take turns until the volume is full; one goes, and the MFT grows into what is left of it.
            using (var kept = new FileStream(Path.Combine(at, "kept"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
            using (var gone = new FileStream(Path.Combine(at, "gone"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
            {
                Fill(kept, gone, image.ClusterSize, random);
            }

            File.Delete(Path.Combine(at, "gone"));
            for (var i = 0; i < 800; i++)
            {
                File.WriteAllText(Path.Combine(at, $"small {i}"), $"{i}");
            }
        });

        Assert.Matches(@"\$DATA[^$]*(0x\w+\s+){3}(0x\w+\s+){3}", Tool.Run("ntfsinfo", "--force", "--verbose", "--inode", "0", image.Path).Output);
        AssertKept(image, folder, hashes, random);
    }

    [Theory]
    [InlineData(NtfsVolume.MftFile, 40)]
    [InlineData(NtfsVolume.BitmapFile, 2)]
    [InlineData(NtfsVolume.LogFile, 100)]
    public void What_a_second_record_describes_is_found_by_the_attribute_list(long file, int vcn)
    {
        using var folder = new TempFolder("ntfs-map");
        var image = NtfsImage.Make(folder, 40 * Mebibyte, 512);
        // Record 16 is in the part of the MFT that the first record describes.
        NtfsSplit.Apply(image, (int)file, 16, vcn);
        image.AssertClean();
        AssertJudged(image, folder, VolumeStates.Of(image.Path, Seed.Random()));
    }

    [Fact]
    public void A_bitmap_in_two_pieces_is_followed()
    {
        using var folder = new TempFolder("ntfs-map");
        var random = Seed.Random();
        var image = NtfsImage.Make(folder, 40 * Mebibyte, 512);
        var first = image.FirstCluster(6);
        var free = Enumerable.Range(0, (int)image.Clusters).Last(cluster => !image.Bitmap(folder)[cluster] && cluster > first + 100);
        image.Mark(free, used: true);

        // All but the first cluster of it goes on as it was; the first moves.
        image.WriteBytes((long)free * image.ClusterSize, image.ReadBytes(first * image.ClusterSize, image.ClusterSize));
        image.WriteBytes(first * image.ClusterSize, new byte[image.ClusterSize]);
        image.Edit(6, record =>
        {
            var at = NtfsImage.AttributeAt(record, 0x80);
            var count = BitConverter.ToInt64(record, at + 24) + 1;
            var pairs = record.AsSpan(at + BitConverter.ToUInt16(record, at + 32));
            byte[] runs = [0x41, 1, .. BitConverter.GetBytes(free), 0x41, (byte)(count - 1), .. BitConverter.GetBytes((int)(first + 1 - free)), 0];
            var end = at + BitConverter.ToInt32(record, at + 4);
            // What stands behind moves up.
            var grown = (BitConverter.ToUInt16(record, at + 32) + runs.Length + 7) / 8 * 8;
            record.AsSpan(end..^16).ToArray().CopyTo(record.AsSpan(at + grown));
            BitConverter.TryWriteBytes(record.AsSpan(24), BitConverter.ToInt32(record, 24) + at + grown - end);
            BitConverter.TryWriteBytes(record.AsSpan(at + 4), grown);
            runs.CopyTo(pairs);
        });
        AssertJudged(image, folder, VolumeStates.Of(image.Path, random));
    }

    private static void Fill(FileStream kept, FileStream gone, int clusterSize, Random random)
    {
        var piece = new byte[clusterSize];
        random.NextBytes(piece);
        try
        {
            while (true)
            {
                kept.Write(piece);
                gone.Write(piece);
            }
        }
        catch (IOException)
        {
            // The volume is full.
        }
    }

    private static IReadOnlyDictionary<string, string> Change(NtfsImage image, TempFolder folder, Action<string> change)
    {
        using var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "ntfs");
        change(mount.Folder);
        return FileTree.Hashes(mount.Folder);
    }

    private static void AssertKept(NtfsImage image, TempFolder folder, IReadOnlyDictionary<string, string> hashes, Random random)
    {
        var states = VolumeStates.Of(image.Path, random);
        AssertJudged(image, folder, states);
        DomainLog.AssertSame(states, DomainLog.Used("partclone.ntfs", image.Path, folder));
        states.Scramble(random);
        image.AssertClean();
        using var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("again"), "ntfs", readOnly: true);
        FileTree.AssertSame(hashes, FileTree.Hashes(mount.Folder));
    }

    private static void AssertJudged(NtfsImage image, TempFolder folder, VolumeStates states)
    {
        Assert.Equal("ntfs", states.FileSystem);
        var bitmap = image.Bitmap(folder);
        Assert.Equal(image.FreeClusters(), bitmap.Count(used => !used));
        states.AssertUsed(image.ClusterSize, 0, bitmap);
        Assert.Equal(bitmap.Take((int)(states.Length / image.ClusterSize)).Count(used => !used) * (long)image.ClusterSize, states.Bytes(AllocationState.Free));
    }
}
