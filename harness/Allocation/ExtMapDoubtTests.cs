using System.Buffers.Binary;
using Tidemark.Engine.Hashing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Whatever a check of the file system would contradict has no map, and says why.</summary>
public class ExtMapDoubtTests
{
    private const int Super = 1024;

    public static TheoryData<string, int, int, string> Fields => new()
    {
        // State: errors, and not unmounted cleanly.
        { "-O ^has_journal", 0x3A, 2, "errors" },
        { "-O ^has_journal", 0x3A, 0, "wasn't unmounted cleanly" },
        // Features of tomorrow.
        { "", 0x63, 0x80, "incompat 0x8000" },
        { "", 0x67, 0x40, "ro_compat 0x4000" },
        { "", 0x5F, 0x20, "compat 0x2000" },
        // More blocks than there are.
        { "", 0x07, 1, "only 8388608 bytes are there" },
        // Sizes that no driver takes.
        { "", 0x20, 7, "contradicts itself" },
        { "", 0x29, 0x7F, "contradicts itself" },
        { "", 0xFE, 48, "contradicts itself" },
        { "", 0x14, 0, "contradicts itself" },
        // What is free.
        { "", 0x0C, 1, "superblock says" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_superblock_that_says_so_has_no_map(string options, int at, int value, string reason)
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, ["-b", "1024", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Change(image, bytes =>
        {
            bytes[Super + at] = (byte)value;
            Seal(bytes);
        });
        Assert.Contains(reason, Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "checksum of its superblock", Super + 0x78)]
    [InlineData("", "checksum of group 0", (2 * 1024) + 12)]
    [InlineData("-O ^metadata_csum,uninit_bg", "checksum of group 0", (2 * 1024) + 12)]
    public void A_byte_that_a_checksum_contradicts_is_seen(string options, string reason, int at)
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, ["-b", "1024", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Change(image, bytes => bytes[at] ^= 1);
        Assert.Contains(reason, Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "checksum of the bitmap of group 0")]
    [InlineData("-O ^metadata_csum,^uninit_bg", "group 0 says that")]
    public void A_bit_of_a_bitmap_that_changes_is_seen(string options, string reason)
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, ["-b", "1024", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Change(image, bytes => bytes[BitmapAt(bytes) + 900] ^= 0x10);
        Assert.Contains(reason, Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bitmap_that_calls_its_own_block_free_is_seen_though_all_counts_add_up()
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, "-b", "1024", "-O", "^metadata_csum,^uninit_bg");
        Change(image, bytes =>
        {
            // One bit is the bitmap's own, the other a block that nobody has: what is free stays as it was.
            var own = (BitmapAt(bytes) / 1024) - 1;
            bytes[BitmapAt(bytes) + (own / 8)] &= (byte)~(1 << (own % 8));
            bytes[BitmapAt(bytes) + 900] |= 1;
        });
        Assert.Contains("hold its own records", Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_groups_with_one_bitmap_are_seen()
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 20, "-b", "1024", "-O", "^metadata_csum,^uninit_bg");
        Change(image, bytes => bytes.AsSpan(2 * 1024, 4).CopyTo(bytes.AsSpan((2 * 1024) + DescriptorSize(bytes))));
        Assert.Contains("claim block", Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bitmap_outside_of_the_volume_is_seen()
    {
        using var folder = new TempFolder("extmap");
        var image = ExtImage.Make(folder, 8, "-b", "1024", "-O", "^metadata_csum,^uninit_bg");
        Change(image, bytes => bytes[(2 * 1024) + 3] = 0x70);
        Assert.Contains("can't be", Maps.WhyNot(image), StringComparison.Ordinal);
    }

    private static int DescriptorSize(byte[] bytes) =>
        (bytes[Super + 0x60] & 0x80) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(Super + 0xFE)) : 32;

    private static int BitmapAt(byte[] bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(2 * 1024)) * 1024;

    private static void Seal(byte[] bytes) => BinaryPrimitives.WriteUInt32LittleEndian(
        bytes.AsSpan(Super + 0x3FC), Crc32C.Append(Crc32C.Start, bytes.AsSpan(Super, 0x3FC)));

    private static void Change(string image, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(image);
        change(bytes);
        File.WriteAllBytes(image, bytes);
    }
}
