using System.Buffers.Binary;
using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Allocation.Disks;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>The map of a whole disk is made of those of its partitions; what lies between them, and what nobody knows, is used.</summary>
public class DiskMapTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void Partitions_of_a_GPT_have_their_own_maps_and_all_else_is_used()
    {
        using var folder = new TempFolder("diskmap");
        Tool.Require("sgdisk", "mkswap");
        var (ext, swap) = (ExtImage.Make(folder, 8, "-b", "1024"), folder.Sparse("swap.img", 4 * MiB));
        Tool.Run("mkswap", "-q", swap);
        var disk = folder.Sparse("disk.img", 40 * MiB);
        Tool.Run("sgdisk", "-n", "1:1M:+8M", "-n", "3:10M:+4M", "-n", "2:16M:+12M", "-n", "4:30M:+2M", "-n", "5:33M:+1M", "-t", "5:4200", disk);
        Put(disk, MiB, File.ReadAllBytes(ext));
        Put(disk, 10 * MiB, File.ReadAllBytes(swap));
        // A file system smaller than its partition, and one that is encrypted.
        Put(disk, 16 * MiB, File.ReadAllBytes(ext));
        Put(disk, 30 * MiB, Luks());
        Put(disk, 33 * MiB, File.ReadAllBytes(ext).AsSpan(0, MiB));

        using var device = RawDevice.OpenRead(disk);
        using var map = DiskMap.Open(device);
        var inner = Maps.FreeOf(ext);
        Assert.Equal([.. Shift(inner, MiB), .. Shift(inner, 16 * MiB)], Maps.FreeOf(map));
        Assert.Equal((4 * MiB) - 4096, map.ExcludedBytes);
        Assert.Equal(AllocationState.Excluded, map.ExtentAt((10 * MiB) + 4096).State);

        var free = inner.Sum(run => run.End - run.Start);
        Assert.Equal([1, 2, 3, 4, 5], map.Volumes.Select(volume => volume.Partition));
        Assert.Equal(["ext4", "ext4", "swap", "luks", "ext4"], map.Volumes.Select(volume => volume.Content));
        Assert.Equal([free, free, 0, 0, 0], map.Volumes.Select(volume => volume.FreeBytes));
        Assert.All(map.Volumes, volume => Assert.Equal(volume.Length, volume.UsedBytes + volume.FreeBytes + volume.ExcludedBytes));
        Assert.Equal(
            [null, null, null, "it is encrypted", "its volumes may lie on several disks"],
            map.Volumes.Select(volume => volume.WhyWhole));
    }

    [Fact]
    public void Logical_partitions_have_their_own_maps()
    {
        using var folder = new TempFolder("diskmap");
        Tool.Require("sfdisk");
        var ext = ExtImage.Make(folder, 4, "-b", "1024");
        var disk = folder.Sparse("disk.img", 32 * MiB);
        var table = folder.At("table");
        File.WriteAllText(table, "label: dos\nstart=2048,size=8192,type=83\nstart=12288,size=49152,type=5\nstart=14336,size=8192,type=83\nstart=24576,size=4096,type=83\n");
        Tool.Run("bash", "-c", "sfdisk -q \"$1\" <\"$2\"", "bash", disk, table);
        Put(disk, MiB, File.ReadAllBytes(ext));
        Put(disk, 7 * MiB, File.ReadAllBytes(ext));

        using var device = RawDevice.OpenRead(disk);
        using var map = DiskMap.Open(device);
        var inner = Maps.FreeOf(ext);
        Assert.Equal([.. Shift(inner, MiB), .. Shift(inner, 7 * MiB)], Maps.FreeOf(map));
        Assert.Equal([1, 5, 6], map.Volumes.Select(volume => volume.Partition));
        Assert.Equal([null, null, "what it holds isn't known"], map.Volumes.Select(volume => volume.WhyWhole));
    }

    [Fact]
    public void A_disk_without_partitions_is_one_volume()
    {
        using var folder = new TempFolder("diskmap");
        var ext = ExtImage.Make(folder, 8, "-b", "1024");
        var volume = Assert.Single(VolumesOf(ext, out var free));
        Assert.Null(volume.Partition);
        Assert.Equal("ext4", volume.Content);
        Assert.Equal(Maps.FreeOf(ext), free);

        volume = Assert.Single(VolumesOf(folder.Sparse("empty.img", MiB), out free));
        Assert.Equal((MiB, "what it holds isn't known"), (volume.UsedBytes, volume.WhyWhole));
        Assert.Empty(free);
    }

    [Fact]
    public void Partitions_that_overlap_are_read_whole()
    {
        using var folder = new TempFolder("diskmap");
        var ext = ExtImage.Make(folder, 4, "-b", "1024");
        var disk = new byte[16 * MiB];
        File.ReadAllBytes(ext).CopyTo(disk, MiB);
        Entry(disk, 0, 2048, 8192);
        Entry(disk, 1, 8192, 8192);
        (disk[510], disk[511]) = (0x55, 0xAA);
        using var device = new MemoryDevice(disk);
        using var map = DiskMap.Open(device);
        Assert.All(map.Volumes, volume => Assert.Equal("it overlaps another partition", volume.WhyWhole));
        Assert.Empty(Maps.FreeOf(map));
    }

    [Theory]
    [InlineData("1.2", 8 * 512, MiB)]
    [InlineData("1.1", 0, MiB)]
    [InlineData("1.0", -1, 0)]
    [InlineData("0.90", -1, 0)]
    public void Half_of_a_mirror_is_looked_into_and_a_member_of_another_array_is_not(string version, int place, int data)
    {
        using var folder = new TempFolder("diskmap");
        var ext = ExtImage.Make(folder, 6, "-b", "1024");
        var member = new byte[8 * MiB];
        File.ReadAllBytes(ext).CopyTo(member, data);
        foreach (var level in new[] { 1, 0 })
        {
            if (version == "0.90")
            {
                Superblock0(member, level);
            }
            else
            {
                Superblock1(member, place >= 0 ? place : member.Length - (16 * 512), level, data);
            }

            using var device = new MemoryDevice(member);
            using var map = DiskMap.Open(device);
            Assert.Equal(level == 1 ? Shift(Maps.FreeOf(ext), data) : [], Maps.FreeOf(map));
            Assert.Equal(level == 1 ? null : "it is a member of a software array that isn't a mirror at rest", Assert.Single(map.Volumes).WhyWhole);
        }
    }

    [Theory]
    [InlineData("S1SUSPEND\0")]
    [InlineData("S2SUSPEND\0")]
    [InlineData("LINHIB0001")]
    public void Swap_space_with_a_system_in_it_is_read_whole(string signature)
    {
        using var folder = new TempFolder("diskmap");
        Tool.Require("mkswap");
        var swap = folder.Sparse("swap.img", 2 * MiB);
        Tool.Run("mkswap", "-q", swap);
        Assert.Equal((2 * MiB) - 4096, Assert.Single(VolumesOf(swap, out _)).ExcludedBytes);
        Put(swap, 4096 - 10, Encoding.ASCII.GetBytes(signature));
        var volume = Assert.Single(VolumesOf(swap, out _));
        Assert.Equal((0, 2 * MiB), (volume.ExcludedBytes, volume.UsedBytes));
    }

    [Theory]
    [InlineData("DRBD device", (8 * MiB) - 4096 + 60, "8374026D")]
    [InlineData("Intel RAID (IMSM) record", (8 * MiB) - 1024, "496E74656C20526169642049534D20436667205369672E20")]
    [InlineData("LUKS", 0, "4C554B53BABE0002")]
    public void A_volume_that_is_part_of_something_else_as_well_is_read_whole(string what, int at, string bytes)
    {
        using var folder = new TempFolder("diskmap");
        var ext = ExtImage.Make(folder, 8, "-b", "1024");
        Put(ext, at, Convert.FromHexString(bytes));
        var volume = Assert.Single(VolumesOf(ext, out var free));
        Assert.Empty(free);
        Assert.Equal(what == "LUKS" ? "it is encrypted" : $"it looks like ext4, and there is a {what} as well", volume.WhyWhole);
    }

    private static IReadOnlyList<VolumeUsage> VolumesOf(string image, out List<(long Start, long End)> free)
    {
        using var device = RawDevice.OpenRead(image);
        using var map = DiskMap.Open(device);
        free = Maps.FreeOf(map);
        return map.Volumes;
    }

    private static List<(long Start, long End)> Shift(IEnumerable<(long Start, long End)> runs, long by) =>
        [.. runs.Select(run => (run.Start + by, run.End + by))];

    private static void Put(string image, long offset, ReadOnlySpan<byte> bytes)
    {
        using var file = File.OpenWrite(image);
        file.Position = offset;
        file.Write(bytes);
    }

    private static byte[] Luks()
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes("LUKS").CopyTo(header, 0);
        (header[4], header[5], header[7]) = (0xBA, 0xBE, 2);
        return header;
    }

    private static void Entry(byte[] disk, int number, uint first, uint count)
    {
        var entry = disk.AsSpan(446 + (16 * number), 16);
        entry[4] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
    }

    private static void Superblock1(byte[] member, int place, int level, int data)
    {
        var block = member.AsSpan(place);
        BinaryPrimitives.WriteUInt32LittleEndian(block, 0xA92B4EFC);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(block[72..], level);
        BinaryPrimitives.WriteUInt32LittleEndian(block[92..], 2);
        BinaryPrimitives.WriteInt64LittleEndian(block[128..], data / 512);
        BinaryPrimitives.WriteInt64LittleEndian(block[136..], (7 * MiB) / 512);
        BinaryPrimitives.WriteInt64LittleEndian(block[144..], place / 512);
    }

    private static void Superblock0(byte[] member, int level)
    {
        var block = member.AsSpan(member.Length - (64 << 10));
        foreach (var (index, value) in new (int, uint)[] { (0, 0xA92B4EFC), (2, 90), (7, (uint)level), (10, 2) })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(block[(4 * index)..], value);
        }
    }
}
