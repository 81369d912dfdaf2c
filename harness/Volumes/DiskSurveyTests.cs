using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>What counts as use of a disk that is about to be overwritten.</summary>
[Case("1.2")]
public sealed class DiskSurveyTests
{
    private const int MiB = 1 << 20;
    private const int Size = 80 * MiB;

    /// <summary>Records at their places; a negative place counts from the end.</summary>
    public static TheoryData<string, int, string> Records => new()
    {
        { "BitLocker volume", 0, "EB52902D4656452D46532D" },
        { "BitLocker To Go volume", 424, "3BD66749292ED84A8399F6A339E3D001" },
        { "second header of LUKS2", 0x8000, "534B554CBABE" },
        { "ReFS volume", 3, "5265465300000000" },
        { "APFS container", 32, "4E585342" },
        { "HFS+ volume", 1024, "482B0004" },
        { "second header of HFS+", -1024, "482B0004" },
        { "F2FS volume", 1024, "1020F5F2" },
        { "second superblock of F2FS", 5120, "1020F5F2" },
        { "ISO 9660 file system", 32769, "4344303031" },
        { "bcache device", 4120, "C68573F64E1A45CA8265F57F48BA6D81" },
        { "bcachefs volume", 4120, "C68573F666CE90A9D96A60CF803DF7EF" },
        { "Minix file system", 1024, "00000000010001000000000000000000" + "8F13" },
        { "md 0.90 superblock", -128 << 10, "FC4E2BA9" },
        { "md 0.90 superblock", -64 << 10, "A92B4EFC" },
        { "ZFS label", (128 << 10) + 4096, "0CB1BA0000000000" },
        { "ZFS label", -(64 << 10) - 512, "0000000000BAB10C" },
        { "Intel RAID (IMSM) record", -1024, "496E74656C20526169642049534D20436667205369672E20" },
        { "DDF RAID record", -512, "DE11DE11" },
        { "DRBD device", -4096 + 60, "8374026B" },
        { "swap space", 4086, "535741502D5350414345" },
        { "second boot sector of NTFS", -512 + 3, "4E54465320202020" },
        { "copy of the superblock of btrfs", (64 * MiB) + 0x40, "5F42485266535F4D" },
        { "copy of the superblock of XFS", 20 * MiB, "58465342" },
        { "VHD disk file", -512, "636F6E6563746978" },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_counts_and_is_named_where_it_lies(string name, int place, string bytes)
    {
        // An end that is no multiple of the units that records go by.
        var disk = new byte[name.StartsWith("md", StringComparison.Ordinal) ? Size : Size + 512];
        Convert.FromHexString(bytes).CopyTo(disk, name.Contains("0.90", StringComparison.Ordinal) ? Size - (64 << 10) : place < 0 ? disk.Length + place : place);
        var survey = Survey(disk);
        Assert.False(survey.IsBlank);
        Assert.StartsWith(name, survey.Summary(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.0", (Size - 8192) & -4096)]
    [InlineData("1.1", 0)]
    [InlineData("1.2", 4096)]
    public void A_superblock_of_md_counts_where_it_says_that_it_stands(string version, int place)
    {
        var disk = new byte[Size];
        var block = disk.AsSpan(place, 256);
        BinaryPrimitives.WriteUInt32LittleEndian(block, 0xA92B4EFC);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(block[144..], place / 512);
        Assert.StartsWith($"md {version} superblock", Survey(disk).Summary(null), StringComparison.Ordinal);

        // One that stands elsewhere is a part of somebody's data: named otherwise, and no less use.
        BinaryPrimitives.WriteInt64LittleEndian(block[144..], 77);
        var survey = Survey(disk);
        Assert.DoesNotContain(survey.Known, found => found.Name.StartsWith("md", StringComparison.Ordinal));
        Assert.Equal(place, survey.FirstUsed);
    }

    [Fact]
    public void A_GPT_of_which_one_copy_is_left_counts()
    {
        foreach (var sector in new[] { 512, 4096 })
        {
            foreach (var lba in new[] { 1, (Size / sector) - 1 })
            {
                var disk = new byte[Size];
                var entries = new byte[128 * 128];
                Guid.NewGuid().TryWriteBytes(entries);
                var at = lba == 1 ? 2 : lba - (entries.Length / sector);
                entries.CopyTo(disk, at * sector);
                new GptHeader(lba, 1, 34, 1000, Guid.NewGuid(), at, 128, 128, Crc32.HashToUInt32(entries)).Write(disk.AsSpan(lba * sector, sector));
                Assert.StartsWith(lba == 1 ? "GPT" : "copy of a GPT", Survey(disk).Summary(null), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_volume_of_ext_that_lost_its_beginning_is_known_by_its_copies()
    {
        foreach (var (blockSize, at) in new[] { (1024, 8193 * 1024), (2048, 32 * MiB), (4096, 3 * 128 * MiB) })
        {
            var disk = new byte[at + MiB];
            var block = disk.AsSpan(at, 1024);
            BinaryPrimitives.WriteUInt16LittleEndian(block[0x38..], 0xEF53);
            BinaryPrimitives.WriteUInt32LittleEndian(block, 100);
            BinaryPrimitives.WriteUInt32LittleEndian(block[0x60..], 0x40);
            BinaryPrimitives.WriteUInt16LittleEndian(block[0x5A..], (ushort)(blockSize == 4096 ? 3 : 1));
            Assert.StartsWith("copy of the superblock of ext4", Survey(disk).Summary(null), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_table_with_an_odd_entry_counts()
    {
        foreach (var first in new uint[] { 0, uint.MaxValue })
        {
            var disk = new byte[Size];
            disk[510] = 0x55;
            disk[511] = 0xAA;
            disk[0x1BE + 4] = 0x83;
            BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(0x1BE + 8), first);
            BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(0x1BE + 12), 2048);
            Assert.StartsWith("MBR partition table", Survey(disk).Summary(null), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_byte_in_the_first_and_last_mebibyte_counts_and_what_goes_on_through_the_middle()
    {
        var random = Seed.Random();
        for (var i = 0; i < 20; i++)
        {
            var disk = new byte[(4 * MiB) + random.Next(4096)];
            var at = random.Next(MiB);
            at = random.Next(2) == 0 ? at : disk.Length - 1 - at;
            disk[at] = (byte)random.Next(1, 256);
            Assert.Equal(at, Survey(disk).FirstUsed);
            Assert.Contains($"isn't recognised, at byte {at}", Survey(disk).Summary(null), StringComparison.Ordinal);
        }

        // Both ends were wiped, as people do, and the rest is there.
        var wiped = new byte[Size];
        random.NextBytes(wiped.AsSpan(2 * MiB, Size - (4 * MiB)));
        Assert.False(Survey(wiped).IsBlank);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(4096)]
    [InlineData(MiB + 512)]
    [InlineData(Size)]
    public void Zeros_are_no_use_however_many(int length) => Assert.True(Survey(new byte[length]).IsBlank);

    [Fact]
    public void What_cannot_be_read_is_not_blank()
    {
        foreach (var at in new[] { 0, 70_000, Size - 4096, Size - 1 })
        {
            var survey = DiskSurvey.Of(new ArrayDevice(new byte[Size], badFrom: at, badTo: at + 1));
            Assert.False(survey.IsBlank);
            Assert.NotNull(survey.Unreadable);
        }

        // What is known of it is said all the same.
        var disk = new byte[Size];
        Encoding.ASCII.GetBytes("NXSB").CopyTo(disk, 32);
        Assert.Equal("APFS container at byte 32", DiskSurvey.Of(new ArrayDevice(disk, badFrom: Size - 1, badTo: Size)).Summary(null));
    }

    private static DiskSurvey Survey(byte[] disk) => DiskSurvey.Of(new ArrayDevice(disk));
}
