using System.Buffers.Binary;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Allocation.Ntfs;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>The map of NTFS by a bitmap that the system gives in pieces; the system is played.</summary>
public class MountedBitmapTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void The_map_of_a_mounted_volume_is_what_the_system_says(int most)
    {
        using var folder = new TempFolder("mounted");
        var random = Seed.Random();
        // A log that a mounted volume has, which its own map isn't believed with.
        var image = NtfsImage.Make(folder, 8 * Mebibyte, 512);
        image.WriteBytes(image.FirstCluster(2) * image.ClusterSize, "RSTR"u8);
        Assert.Contains("restart page", VolumeStates.WhyNot(image.Path), StringComparison.Ordinal);

        var bits = image.Bitmap(folder);
        var answers = 0;
        using var device = RawDevice.OpenRead(image.Path);
        var source = new DeviceSource(device, 0, device.Length);
        var given = MountedBitmap.TryOpen((cluster, answer) =>
        {
            answers++;
            return Answer(bits, cluster, answer, most);
        });
        Assert.NotNull(given);
        Assert.Equal(image.Clusters, given.Clusters);
        using var map = NtfsMap.TryOpenMounted(source, given);
        Assert.NotNull(map);
        VolumeStates.Of(image.Path, 0, map, random).AssertUsed(image.ClusterSize, 0, bits);
        Assert.InRange(answers, bits.Count / 8 / most, int.MaxValue);
    }

    [Fact]
    public void A_bitmap_that_calls_the_MFT_free_is_not_believed()
    {
        using var folder = new TempFolder("mounted");
        var image = NtfsImage.Make(folder, 8 * Mebibyte, 512);
        var bits = image.Bitmap(folder).ToArray();
        bits[image.FirstCluster(0)] = false;
        using var device = RawDevice.OpenRead(image.Path);
        var source = new DeviceSource(device, 0, device.Length);
        var given = MountedBitmap.TryOpen((cluster, answer) => Answer(bits, cluster, answer, 4096));
        Assert.Throws<AllocationException>(() => NtfsMap.TryOpenMounted(source, given!));
    }

    [Fact]
    public void A_bitmap_of_a_smaller_volume_is_not_believed()
    {
        using var folder = new TempFolder("mounted");
        var image = NtfsImage.Make(folder, 8 * Mebibyte, 512);
        var bits = image.Bitmap(folder).SkipLast(16).ToArray();
        using var device = RawDevice.OpenRead(image.Path);
        var source = new DeviceSource(device, 0, device.Length);
        var given = MountedBitmap.TryOpen((cluster, answer) => Answer(bits, cluster, answer, 4096));
        Assert.Throws<AllocationException>(() => NtfsMap.TryOpenMounted(source, given!));
    }

    [Theory]
    [InlineData(-1, 0, 100)]
    [InlineData(16, 0, 100)]
    [InlineData(40, 8, 100)]
    [InlineData(40, -8, 100)]
    [InlineData(40, 0, -1)]
    [InlineData(40, 0, 0)]
    public void An_answer_that_makes_no_sense_is_none(int returned, long first, long rest) =>
        Assert.Null(MountedBitmap.TryOpen((_, answer) =>
        {
            BinaryPrimitives.WriteInt64LittleEndian(answer, first);
            BinaryPrimitives.WriteInt64LittleEndian(answer[8..], rest);
            return returned;
        }));

    [Fact]
    public void A_volume_that_changes_its_size_meanwhile_is_not_believed()
    {
        var clusters = 800_000;
        var bitmap = MountedBitmap.TryOpen((cluster, answer) => Answer(new bool[clusters], cluster, answer, 100))!;
        clusters -= 64;
        Assert.Throws<AllocationException>(() => bitmap.Read(500, new byte[1]));
    }

    // As Windows answers: from the byte of the first cluster on, as much as fits, and how many clusters there are behind.
    private static int Answer(IReadOnlyList<bool> bits, long cluster, Span<byte> answer, int most)
    {
        var first = cluster / 8 * 8;
        BinaryPrimitives.WriteInt64LittleEndian(answer, first);
        BinaryPrimitives.WriteInt64LittleEndian(answer[8..], bits.Count - first);
        var bytes = (int)Math.Min(Math.Min(most, answer.Length - MountedBitmap.HeaderSize), (bits.Count - first + 7) / 8);
        answer.Slice(MountedBitmap.HeaderSize, bytes).Clear();
        for (var i = 0; i < bytes * 8 && first + i < bits.Count; i++)
        {
            answer[MountedBitmap.HeaderSize + (i / 8)] |= (byte)(bits[(int)first + i] ? 1 << (i % 8) : 0);
        }

        return MountedBitmap.HeaderSize + bytes;
    }
}
