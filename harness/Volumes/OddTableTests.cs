using System.Buffers.Binary;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Volumes;

/// <summary>Partition tables in which one entry means no place: the others hold, and the odd one is named everywhere.</summary>
[Case("3.7")]
public sealed class OddTableTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const int Sectors = 16 * MiB / 512;
    private const uint Signature = 0x1234abcd;

    private readonly TempFolder folder = new("odd");

    public void Dispose() => folder.Dispose();

    /// <summary>The odd entry's type, first sector, sectors, status, and what is said of it.</summary>
    public static TheoryData<byte, uint, uint, byte, string> OddEntries => new()
    {
        { 0x83, 0, 2048, 0, "begins at sector 0" },
        { 0x17, 0, Sectors, 0x80, "begins at sector 0" },
        { 0x05, 0, 4096, 0, "begins at sector 0" },
        { 0x83, Sectors, 1, 0, $"begins at sector {Sectors}, and the disk has {Sectors}" },
        { 0x07, uint.MaxValue, uint.MaxValue, 0, "begins at sector 4294967295" },
        { 0x0f, Sectors + 7, 4096, 0, "begins at sector" },
        { 0x83, 2048, 2048, 0x41, "has the status 0x41" },
    };

    [Theory]
    [MemberData(nameof(OddEntries))]
    public void The_good_entries_stay_whichever_is_odd(byte type, uint first, uint count, byte status, string reason)
    {
        for (var odd = 0; odd < 4; odd++)
        {
            var disk = Disk(odd, type, first, count, status);
            using var device = new ArrayDevice(disk);
            var description = SourceProbe.Probe(device);
            var table = description.Table!;
            int[] good = [.. Enumerable.Range(0, 3).Where(i => i != odd).Select(i => i + 1)];
            Assert.Equal(good, table.Partitions.Select(p => p.Number));
            Assert.Equal(good.Select(n => n * 4L * MiB), table.Partitions.Select(p => p.Offset));
            var entry = Assert.Single(table.Odd);
            Assert.Equal(odd + 1, entry.Number);
            Assert.Contains(reason, entry.Reason, StringComparison.Ordinal);
            Assert.Contains($"; entry {odd + 1} {entry.Reason}", description.Summary, StringComparison.Ordinal);
            Assert.Equal("mbr-disk:1234abcd", description.Identity.ToString());
            Assert.Equal($"1234abcd@{good[0] * 4 * MiB}", SourceProbe.OfPartition(table, table.Partitions[0])!.Value.Value);
        }
    }

    [Fact]
    public void A_logical_partition_beyond_the_end_is_named_and_those_behind_it_stay()
    {
        var disk = new byte[16 * MiB];
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(440), Signature);
        Entry(disk, 0, 1, 0, 0x05, 8192, 8192);
        Entry(disk, 8192, 0, 0, 0x83, Sectors, 100);
        Entry(disk, 8192, 1, 0, 0x05, 100, 100);
        Entry(disk, 8292, 0, 0, 0x83, 2, 50);
        using var device = new ArrayDevice(disk);
        var table = VolumeProbe.TryReadTable(new VolumeView(device))!;
        Assert.Equal([(2, 8192L * 512), (6, 8294L * 512)], table.Partitions.Select(p => (p.Number, p.Offset)));
        Assert.Equal(5, Assert.Single(table.Odd).Number);
    }

    [Fact]
    public void Boot_code_in_the_place_of_entries_is_no_table()
    {
        var random = Seed.Random();
        for (var i = 0; i < 5000; i++)
        {
            var disk = new byte[MiB];
            random.NextBytes(disk.AsSpan(0, 510));
            (disk[510], disk[511]) = (0x55, 0xAA);

            // Code keeps to no rule, but the status of each entry often happens to be possible.
            for (var entry = 0; entry < 4; entry++)
            {
                disk[446 + (entry * 16)] = random.Next(4) > 0 ? (byte)0 : (byte)0x80;
                BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + (entry * 16) + 8), (uint)random.NextInt64(2048, uint.MaxValue));
            }

            using var device = new ArrayDevice(disk);
            Assert.Null(VolumeProbe.TryReadTable(new VolumeView(device)));
        }
    }

    [Fact]
    public void A_gpt_entry_that_ends_before_it_begins_is_named()
    {
        using var disk = new TempDisk(64 * MiB);
        Tool.Run("sgdisk", "-n", "1:1M:+8M", "-n", "2:20M:+4M", disk.Image);
        var bytes = File.ReadAllBytes(disk.Image);
        foreach (var entries in (int[])[1024, (64 * MiB) - (33 * 512)])
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(entries + 128 + 40), 7);
            var header = entries == 1024 ? 512 : (64 * MiB) - 512;
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(header + 88), System.IO.Hashing.Crc32.HashToUInt32(bytes.AsSpan(entries, 128 * 128)));
            bytes.AsSpan(header + 16, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(header + 16), System.IO.Hashing.Crc32.HashToUInt32(bytes.AsSpan(header, 92)));
        }

        using var device = new ArrayDevice(bytes);
        var table = VolumeProbe.TryReadTable(new VolumeView(device))!;
        Assert.Equal([1], table.Partitions.Select(p => p.Number));
        Assert.Equal("entry 2 reaches from sector 40960 to 7, which no partition does", Assert.Single(table.Odd).ToString());
    }

    [Fact]
    public void Every_verb_reaches_the_good_partitions_and_names_the_odd_one()
    {
        var content = Disk(odd: 1, 0x83, Sectors, 1, 0);
        var file = folder.At("disk.img");
        File.WriteAllBytes(file, content);
        var backup = Backup(file, folder.At("store"));
        Assert.Contains(
            backup.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("entry 2 begins at sector", StringComparison.Ordinal));
        var chain = backup.Text("chain");
        TidemarkCli.Run("restore", $"{chain}#3", folder.At("third")).Succeeded();
        Assert.Equal(content[(12 * MiB)..(13 * MiB)], File.ReadAllBytes(folder.At("third")));
        TidemarkCli.Run("export", $"{chain}#1", folder.At("first.raw")).Succeeded();
        Assert.Equal(content[(4 * MiB)..(5 * MiB)], File.ReadAllBytes(folder.At("first.raw")));
        Assert.Contains(
            "its entry 2 begins at sector", TidemarkCli.Run("restore", $"{chain}#2", folder.At("x"), "--json").Refused(Failed, "failed"),
            StringComparison.Ordinal);
        Assert.Contains("entry 2 begins at sector", TidemarkCli.Run("show", chain).Succeeded().Output, StringComparison.Ordinal);

        // Onto a smaller device, which needs room for the good partitions alone.
        Root.Require();
        using (var device = LoopDevice.Attach(folder.Sparse("small", 14 * MiB)))
        {
            var fitted = TidemarkCli.Run("restore", chain, device, "--fit", "--json").Succeeded().Result;
            Assert.Contains(
                fitted.GetProperty("fitted").EnumerateArray(), note => note.GetString()!.Contains("entry 2 begins at", StringComparison.Ordinal));
        }

        // The chain goes on when the table is put right.
        Entry(content, 0, 1, 0, 0x83, 16384, 2048);
        File.WriteAllBytes(folder.At("elsewhere.img"), content);
        Assert.Equal(chain, Backup(folder.At("elsewhere.img"), folder.At("store")).Text("chain"));
    }

    [Fact]
    public void A_mount_shows_the_good_partitions_and_names_the_odd_one()
    {
        Root.Require();
        Support.Tool.Require("nbdfuse", "fusermount3", "mkfs.ext4");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var part = folder.Sparse("part", MiB);
        Support.Tool.Run("mkfs.ext4", "-q", part);
        var content = Disk(odd: 2, 0x83, 0, 2048, 0);
        File.ReadAllBytes(part).CopyTo(content, 4 * MiB);
        File.WriteAllBytes(folder.At("disk.img"), content);
        var chain = Backup(folder.At("disk.img"), folder.At("store")).Text("chain");
        TidemarkCli.Run("ls", chain, "p1").Succeeded();
        Assert.Contains("begins at sector 0", TidemarkCli.Run("ls", chain, "p3", "--json").EndedWith(WrongUse).Last.Text("message"), StringComparison.Ordinal);
        var volumes = TidemarkCli.Run("ls", chain, "--json").Succeeded().Result.GetProperty("volumes").EnumerateArray();
        Assert.Equal(["p1", "p2", "p3"], volumes.Select(v => v.Text("name")));
        var mounted = TidemarkCli.Run("mount", chain, folder.At("m"), "--json").Succeeded();
        TidemarkCli.Run("unmount", folder.At("m")).Succeeded();
        var odd = mounted.Result.GetProperty("volumes").EnumerateArray().Single(v => v.Text("name") == "p3");
        Assert.Contains("begins at sector 0", odd.Text("problem"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(mounted.Result.GetProperty("volumes")[0].Text("path")) || !Directory.Exists(folder.At("m", "p1")));
    }

    /// <summary>Noise with partitions of 1 MiB at 4, 8 and 12 MiB, one entry of which, or the fourth, is odd.</summary>
    private static byte[] Disk(int odd, byte type, uint first, uint count, byte status)
    {
        var disk = new byte[16 * MiB];
        new Random(7).NextBytes(disk.AsSpan(MiB));
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(440), Signature);
        for (var i = 0; i < 3; i++)
        {
            Entry(disk, 0, i, 0, 0x83, (uint)(i + 1) * 8192, 2048);
        }

        Entry(disk, 0, odd, status, type, first, count);
        return disk;
    }

    private static void Entry(byte[] disk, long sector, int index, byte status, byte type, uint first, uint count)
    {
        var entry = disk.AsSpan((int)(sector * 512) + 446 + (index * 16), 16);
        (entry[0], entry[4]) = (status, type);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
        (disk[(sector * 512) + 510], disk[(sector * 512) + 511]) = (0x55, 0xAA);
    }
}
