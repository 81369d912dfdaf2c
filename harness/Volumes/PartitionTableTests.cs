using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>Partition tables made by sgdisk and sfdisk, in files and on loop devices with either sector.</summary>
public class PartitionTableTests
{
    private const int MiB = 1 << 20;
    private const string DiskGuid = "0b6b5b0a-3d5c-4f0e-9d59-6a3bcb6f3f5a";
    private const string FirstGuid = "11111111-2222-4333-8444-555555555555";
    private const string SecondGuid = "66666666-7777-4888-9999-aaaaaaaaaaaa";

    [Fact]
    public void A_gpt_gives_disk_and_partitions()
    {
        using var disk = new TempDisk(64 * MiB);
        MakeGpt(disk.Image);
        using var device = RawDevice.OpenRead(disk.Image);
        CheckGpt(VolumeProbe.TryReadTable(new VolumeView(device)), 512, fromBackup: false);
        var description = SourceProbe.Probe(device);
        Assert.Equal($"gpt-disk:{DiskGuid}", description.Identity.ToString());
        Assert.Equal("disk with GPT, 2 partitions", description.Summary);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(512 + 60)]
    [InlineData(1024 + 130)]
    public void A_damaged_primary_gpt_is_read_from_its_copy(int damagedByte)
    {
        using var disk = new TempDisk(64 * MiB);
        MakeGpt(disk.Image);
        FlipByte(disk.Image, damagedByte);
        using var device = RawDevice.OpenRead(disk.Image);
        CheckGpt(VolumeProbe.TryReadTable(new VolumeView(device)), 512, fromBackup: true);
    }

    [Fact]
    public void A_gpt_without_its_protective_mbr_is_a_leftover()
    {
        using var disk = new TempDisk(64 * MiB);
        MakeGpt(disk.Image);
        using (var file = File.OpenWrite(disk.Image))
        {
            file.Write(new byte[512]);
        }

        using var device = RawDevice.OpenRead(disk.Image);
        Assert.Null(VolumeProbe.TryReadTable(new VolumeView(device)));
    }

    [Fact]
    public void A_gpt_of_4096_byte_sectors_is_read_from_device_and_file()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(64 * MiB);
        var loop = disk.Attach(disk.Image, "-b", "4096");
        MakeGpt(loop);
        Tool.Run("sync", loop);
        using var device = RawDevice.OpenRead(loop);
        CheckGpt(VolumeProbe.TryReadTable(new VolumeView(device)), 4096, fromBackup: false);
        using var file = RawDevice.OpenRead(disk.Image);
        CheckGpt(VolumeProbe.TryReadTable(new VolumeView(file)), 4096, fromBackup: false);
    }

    [Fact]
    public void An_mbr_gives_primary_and_logical_partitions_as_sfdisk_lists_them()
    {
        using var disk = new TempDisk(64 * MiB);
        Tool.RunWithInput(
            "label: dos\nlabel-id: 0x1234abcd\n"
            + "start=2048, size=8192, type=83\nstart=16384, size=65536, type=5\n"
            + "start=18432, size=4096, type=83\nstart=30720, size=4096, type=7\nstart=40960, size=2048, type=c\n",
            "sfdisk", "-q", disk.Image);
        using var device = RawDevice.OpenRead(disk.Image);
        var table = VolumeProbe.TryReadTable(new VolumeView(device));
        Assert.NotNull(table);
        Assert.Equal((PartitionScheme.Mbr, "1234abcd"), (table.Scheme, table.DiskId));

        var numbers = table.Partitions.Select(partition => partition.Number);
        var judged = Tool.Run("sfdisk", "-d", disk.Image).Split('\n').Where(line => line.StartsWith('/')).Select(line =>
        {
            var fields = line.Split(':', 2)[1].Split(',').Select(field => field.Split('=')[1].Trim()).ToArray();
            return (Start: long.Parse(fields[0]) * 512, Length: long.Parse(fields[1]) * 512, Type: fields[2]);
        }).ToArray();
        Assert.Equal(judged, table.Partitions.Select(p => (p.Offset, p.Length, p.Type[2..].TrimStart('0'))));
        Assert.Equal([1, 2, 5, 6, 7], numbers);
        Assert.Equal("mbr-disk:1234abcd", SourceProbe.Probe(device).Identity.ToString());
        Assert.Equal("mbr-part:1234abcd@1048576", SourceProbe.OfPartition(table, table.Partitions[0])!.ToString());
    }

    [Fact]
    public void An_endless_chain_of_extended_records_ends()
    {
        var bytes = new byte[4 * MiB];
        WriteEntry(bytes, 0, 0, 0x05, 64, 4096);
        bytes[440] = 1;

        // A record whose link leads to itself, and one of two that lead to each other.
        WriteEntry(bytes, 64, 0, 0x83, 1, 1);
        WriteEntry(bytes, 64, 1, 0x05, 10, 1);
        WriteEntry(bytes, 74, 0, 0x83, 1, 1);
        WriteEntry(bytes, 74, 1, 0x05, 10, 1);
        using var device = new ArrayDevice(bytes);
        var table = VolumeProbe.TryReadTable(new VolumeView(device));
        Assert.Equal([1, 5, 6], table!.Partitions.Select(partition => partition.Number));

        // A chain longer than anyone has: it is cut.
        for (uint i = 0; i < 1000; i++)
        {
            WriteEntry(bytes, 64 + (2 * i), 0, 0x83, 1, 1);
            WriteEntry(bytes, 64 + (2 * i), 1, 0x05, 2 * (i + 1), 2);
        }

        Assert.Equal(1 + 128, VolumeProbe.TryReadTable(new VolumeView(device))!.Partitions.Count);
    }

    [Fact]
    public void An_empty_mbr_counts_by_its_signature_unless_a_volume_is_there()
    {
        using var disk = new TempDisk(64 * MiB);
        Tool.RunWithInput("label: dos\nlabel-id: 0x00c0ffee\n", "sfdisk", "-q", disk.Image);
        using (var device = RawDevice.OpenRead(disk.Image))
        {
            Assert.Equal("mbr-disk:00c0ffee", SourceProbe.Probe(device).Identity.ToString());
        }

        // As a boot loader writes itself into the first sector of a volume.
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        using (var file = File.OpenWrite(disk.Image))
        {
            file.Position = 440;
            file.Write([1, 2, 3, 4]);
            file.Position = 510;
            file.Write([0x55, 0xAA]);
        }

        using var volume = RawDevice.OpenRead(disk.Image);
        Assert.Equal("ext4 volume", SourceProbe.Probe(volume).Summary);
    }

    [Fact]
    public void Partitions_of_a_loop_device_are_known_by_entry_and_file_system()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(64 * MiB);
        MakeGpt(disk.Image);
        var loop = disk.AttachWithPartitions(disk.Image);
        var partition = loop + "p1";
        using (var blank = RawDevice.OpenRead(partition))
        {
            Assert.Equal($"gpt-part:{FirstGuid}", Probe(blank).ToString());
        }

        Tool.Run("mkfs.ext4", "-q", "-F", "-U", SecondGuid, partition);
        Tool.Run("sync");
        using var device = RawDevice.OpenRead(partition);
        Assert.Equal($"ext:{SecondGuid} gpt-part:{FirstGuid}", Probe(device).ToString());

        // The loop device is the file, and both are the disk.
        using var whole = RawDevice.OpenRead(loop);
        using var file = RawDevice.OpenRead(disk.Image);
        Assert.Equal(Probe(whole), Probe(file));
        Assert.Equal($"gpt-disk:{DiskGuid}", Probe(whole).ToShortString());

        static SourceIdentity Probe(RawDevice device) =>
            SourceProbe.Probe(device, device.Name, null, RawDevice.OpenRead).Identity;
    }

    [Fact]
    public void A_partition_beyond_the_end_of_a_disk_is_cut_or_not_there()
    {
        using var device = new ArrayDevice(new byte[MiB]);
        var view = new VolumeView(device);
        Assert.Equal(512, view.Slice(MiB - 512, 4096)!.Value.Length);
        Assert.Null(view.Slice(MiB, 4096));
        Assert.Null(view.Slice(-1, 4096));
    }

    private static void MakeGpt(string path) => Tool.Run(
        "sgdisk", "-U", DiskGuid, "-n", "1:1M:+8M", "-u", $"1:{FirstGuid}", "-c", "1:Daten äöü",
        "-n", "3:20M:+4M", "-u", $"3:{SecondGuid}", "-t", "3:ef00", path);

    private static void CheckGpt(PartitionTable? table, int sectorSize, bool fromBackup)
    {
        Assert.NotNull(table);
        Assert.Equal(
            (PartitionScheme.Gpt, DiskGuid, sectorSize, fromBackup),
            (table.Scheme, table.DiskId, table.SectorSize, table.FromBackup));
        Assert.Equal(
            [
                new Partition(1, MiB, 8 * MiB, "0fc63daf-8483-4772-8e79-3d69d8477de4", new Guid(FirstGuid), "Daten äöü"),
                new Partition(3, 20 * MiB, 4 * MiB, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", new Guid(SecondGuid), null),
            ],
            table.Partitions.Select(partition => partition with { Length = partition.Length / MiB * MiB }));
    }

    private static void FlipByte(string path, int at)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)~value);
    }

    private static void WriteEntry(byte[] disk, uint sector, int index, byte type, uint first, uint count)
    {
        var entry = disk.AsSpan((int)(sector * 512) + 446 + (index * 16), 16);
        entry[4] = type;
        BitConverter.TryWriteBytes(entry[8..], first);
        BitConverter.TryWriteBytes(entry[12..], count);
        disk[(sector * 512) + 510] = 0x55;
        disk[(sector * 512) + 511] = 0xAA;
    }
}
