using System.Buffers.Binary;
using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>Ids that name nothing: zeros, ones, and what else is one digit again and again.</summary>
[Case("2.3")]
public sealed class NoIdTests
{
    private const int MiB = 1 << 20;

    public static TheoryData<byte> Fillers => [0x00, 0xFF, 0x11];

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("ffffffff-FFFF-ffff-ffff-ffffffffffff", false)]
    [InlineData("xfs:11111111-1111-1111-1111-111111111111", false)]
    [InlineData("btrfs:00000000-0000-0000-0000-000000000000/2", false)]
    [InlineData("ffffffff@1048576", false)]
    [InlineData("0", false)]
    [InlineData(" - ", false)]
    [InlineData("", false)]
    [InlineData("0000000000000001", true)]
    [InlineData("fffffffe@1048576", true)]
    [InlineData("ntfs:0000000000000010", true)]
    public void An_id_of_one_digit_is_none(string text, bool isId) => Assert.Equal(isId, KnownId.IsId(text));

    [Theory]
    [MemberData(nameof(Fillers))]
    public void A_disk_id_of_one_digit_is_none_in_either_table(byte filler)
    {
        var mbr = new byte[MiB];
        mbr.AsSpan(440, 4).Fill(filler);
        var entry = mbr.AsSpan(446);
        entry[4] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 64);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], 64);
        (mbr[510], mbr[511]) = (0x55, 0xAA);
        RequireNone(mbr);

        using var disk = new TempDisk(4 * MiB);
        var id = new Guid(Enumerable.Repeat(filler, 16).ToArray()).ToString("D");
        Tool.Run("sgdisk", "-n", "1:1M:+1M", "-u", "1:2f1d3a52-7b0e-4a51-9a1c-0d7f7c0b0001", disk.Image);
        var gpt = File.ReadAllBytes(disk.Image);
        SetGptIds(gpt, filler);
        var table = RequireNone(gpt).Table!;
        Assert.Null(Assert.Single(table.Partitions).UniqueId);
        Assert.Null(SourceProbe.OfPartition(table, table.Partitions[0]));
        Assert.False(KnownId.IsId(id));
    }

    [Theory]
    [InlineData("ext4", 0x468, 16)]
    [InlineData("xfs", 32, 16)]
    [InlineData("btrfs", 0x10020, 16)]
    [InlineData("swap", 0x40C, 16)]
    [InlineData("ntfs", 0x48, 8)]
    [InlineData("vfat", 39, 4)]
    [InlineData("exfat", 100, 4)]
    [InlineData("luks", 168, 40)]
    public void A_volume_id_of_one_digit_is_none(string type, int offset, int length)
    {
        using var disk = new TempDisk((type is "xfs" or "btrfs" ? 300 : 20) * MiB);
        string[] make = type switch
        {
            "ext4" => ["mkfs.ext4", "-q", "-F"],
            "xfs" => ["mkfs.xfs", "-q", "-f"],
            "btrfs" => ["mkfs.btrfs", "-q"],
            "swap" => ["mkswap"],
            "ntfs" => ["mkntfs", "-q", "-F", "-f"],
            "vfat" => ["mkfs.fat"],
            "exfat" => ["mkfs.exfat"],
            _ => [],
        };
        if (make.Length > 0)
        {
            Tool.Run(make[0], [.. make[1..], disk.Image]);
        }

        foreach (var filler in (byte[])[0x00, 0xFF, 0x11])
        {
            using (var file = File.OpenHandle(disk.Image, FileMode.Open, FileAccess.Write))
            {
                byte[] id = [.. Enumerable.Repeat(filler, length)];
                if (type == "luks")
                {
                    byte[] header = [.. "LUKS\xBA\xBE"u8.ToArray().Take(4), 0xBA, 0xBE, 0, 1];
                    RandomAccess.Write(file, header, 0);
                    id = System.Text.Encoding.ASCII.GetBytes(new Guid(Enumerable.Repeat(filler, 16).ToArray()).ToString("D"));
                }

                RandomAccess.Write(file, id, offset);
            }

            using var device = RawDevice.OpenRead(disk.Image);
            var found = SourceProbe.Probe(device);
            Assert.NotNull(found.Content);
            Assert.True(found.Identity.IsEmpty, $"{type} with {filler:x2}: {found.Identity}");
        }
    }

    [Fact]
    public void Images_of_older_versions_that_know_their_source_by_none_go_by_the_next_identity()
    {
        var zeros = new IdentityItem(IdentityKind.VhdUniqueId, Guid.Empty.ToString("D"));
        var gpt = new IdentityItem(IdentityKind.GptDisk, "0b6b5b0a-3d5c-4f0e-9d59-6a3bcb6f3f5a");
        var path = new IdentityItem(IdentityKind.FilePath, "0123456789abcdef0123456789abcdef");
        var other = new IdentityItem(IdentityKind.FilePath, "1123456789abcdef0123456789abcdef");
        Assert.False(SourceIdentity.Matches(SourceIdentity.Of(zeros, path), SourceIdentity.Of(zeros, other)));
        Assert.True(SourceIdentity.Matches(SourceIdentity.Of(zeros, path), SourceIdentity.Of(path)));
        Assert.True(SourceIdentity.Matches(SourceIdentity.Of(zeros, gpt, path), SourceIdentity.Of(zeros, gpt, other)));
    }

    private static SourceDescription RequireNone(byte[] bytes)
    {
        using var device = new ArrayDevice(bytes);
        var found = SourceProbe.Probe(device);
        Assert.NotNull(found.Table);
        Assert.Null(found.Table.DiskId);
        Assert.True(found.Identity.IsEmpty, found.Identity.ToString());
        return found;
    }

    /// <summary>Fills disk GUID and the first entry's GUID of both copies, and puts the checksums right.</summary>
    private static void SetGptIds(byte[] disk, byte filler)
    {
        foreach (var (header, entries) in (ReadOnlySpan<(int, int)>)[(512, 1024), (disk.Length - 512, disk.Length - (33 * 512))])
        {
            disk.AsSpan(header + 56, 16).Fill(filler);
            disk.AsSpan(entries + 16, 16).Fill(filler);
            BinaryPrimitives.WriteUInt32LittleEndian(
                disk.AsSpan(header + 88), System.IO.Hashing.Crc32.HashToUInt32(disk.AsSpan(entries, 128 * 128)));
            disk.AsSpan(header + 16, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(
                disk.AsSpan(header + 16), System.IO.Hashing.Crc32.HashToUInt32(disk.AsSpan(header, 92)));
        }
    }
}
