using System.Buffers.Binary;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>A map with anything wrong in it isn't used, and what is large costs no more memory.</summary>
public sealed class XfsDamageTests
{
    private const int SuperblockBytes = 272;
    private const int Flips = 100;

    [Fact]
    public void Any_flipped_bit_of_a_record_that_the_map_comes_from_is_noticed()
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-damage");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", "-d agcount=4");
        var blocks = XfsImage.Print(image, "sb 0", "p blocksize agblocks sectsize", "agf 1", "p bnoroot");
        var group = blocks["agblocks"] * blocks["blocksize"];
        var sector = blocks["sectsize"];
        (long Offset, long Length)[] records =
        [
            (4, SuperblockBytes - 4), (group + sector, sector), (group + (2 * sector), sector), (group + (3 * sector), sector),
            (group + (blocks["bnoroot"] * blocks["blocksize"]), blocks["blocksize"]),
        ];

        Assert.Null(MapReading.Refusal(image));
        using var file = new FileStream(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 0; i < Flips; i++)
        {
            var (offset, length) = records[i % records.Length];
            var at = offset + random.NextInt64(length);
            var bit = (byte)(1 << random.Next(8));
            Flip(file, at, bit);
            Assert.True(MapReading.Refusal(image) is not null, $"Bit {bit} of byte {at} makes no difference.");
            Flip(file, at, bit);
        }

        Assert.Null(MapReading.Refusal(image));
    }

    // Of the AGF: words that a check of their sums has to find where there is no checksum.
    [Theory]
    [InlineData(8, "contradict")]
    [InlineData(12, "contradict")]
    [InlineData(28, "")]
    [InlineData(40, "free list")]
    [InlineData(48, "free list")]
    [InlineData(52, "")]
    [InlineData(56, "")]
    [InlineData(60, "count of free blocks")]
    public void Without_checksums_wrong_counts_are_noticed(int word, string reason)
    {
        XfsImage.Require();
        using var folder = new TempFolder("xfs-damage");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", "-m crc=0");
        using var file = new FileStream(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var value = new byte[4];
        file.Position = 512 + word;
        file.ReadExactly(value);
        BinaryPrimitives.WriteUInt32BigEndian(value, BinaryPrimitives.ReadUInt32BigEndian(value) + 1);
        file.Position = 512 + word;
        file.Write(value);

        Assert.Contains(reason, MapReading.Refusal(image)!, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_checksums_any_flipped_bit_of_a_free_extent_is_noticed()
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-damage");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", "-m crc=0 -d agcount=4");
        var blocks = XfsImage.Print(image, "sb 0", "p blocksize", "agf 0", "p bnoroot cntroot");
        using var file = new FileStream(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 0; i < Flips; i++)
        {
            // Two extents of 8 bytes are behind the header of each tree: what the log left of its group.
            var at = (blocks[i % 2 == 0 ? "bnoroot" : "cntroot"] * blocks["blocksize"]) + random.Next(16 + 8);
            var bit = (byte)(1 << random.Next(8));
            Flip(file, at, bit);
            Assert.True(MapReading.Refusal(image) is not null, $"Bit {bit} of byte {at} makes no difference.");
            Flip(file, at, bit);
        }

        Assert.Null(MapReading.Refusal(image));
    }

    [Fact]
    public void A_volume_cut_short_is_read_whole()
    {
        XfsImage.Require();
        using var folder = new TempFolder("xfs-damage");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", "");
        using (var file = new FileStream(image, FileMode.Open))
        {
            file.SetLength(file.Length - 4096);
        }

        Assert.Contains("larger than what it lies in", MapReading.Refusal(image), StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_of_15_TiB_costs_no_more_memory_than_a_small_one()
    {
        XfsImage.Require();
        using var folder = new TempFolder("xfs-damage");
        var image = folder.At("image");
        XfsImage.Make(image, "15T", "-K -l size=16m");
        using var device = RawDevice.OpenRead(image);
        var source = new DeviceSource(device, 0, device.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var map = VolumeMaps.TryOpen(source)!;
        for (long at = 0; at < map.Length; at = map.ExtentAt(at).End)
        {
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.InRange(map.UsedBytes, 16 << 20, 1 << 30);
    }

    private static void Flip(FileStream file, long at, byte bit)
    {
        file.Position = at;
        var value = (byte)file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ bit));
    }
}
