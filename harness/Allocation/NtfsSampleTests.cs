using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Volumes that Windows itself made, one partition to a disk.</summary>
public partial class NtfsSampleTests
{
    private const int Chunk = 64 << 10;
    private const int PartitionEntry = 446;
    private const int Sector = 512;

    [Fact]
    public void A_volume_with_clusters_of_2_MiB_is_mapped()
    {
        using var folder = new TempFolder("ntfs-sample");
        var image = Unpack(folder, "ntfs-2m.raw.gz", [0]);
        Assert.Equal(2 << 20, image.ClusterSize);
        AssertJudged(folder, image);
    }

    [Fact]
    public void What_a_volume_held_before_it_was_formatted_is_free()
    {
        using var folder = new TempFolder("ntfs-sample");
        var image = Unpack(folder, "ntfs-ptrn.raw.gz", "PTRN"u8);
        var states = AssertJudged(folder, image);

        // Chunks of the pattern became holes. Those that are called used belong to $Secure, $Repair and $Deleted, which got clusters
        // that nobody wrote to.
        var unwritten = new[] { "9", "28", "29" }.Select(file => Tool.Run("ntfsinfo", "--force", "--inode", file, image.Path).Output)
            .SelectMany(output => AllocatedSize().Matches(output)).Sum(match => Number(match.Groups[1].Value));
        var written = Number(Tool.Run("bash", "-c", "du --block-size=1 \"$1\" | cut -f1", "bash", image.Path).Output);
        Assert.InRange(states.UsedBytes, 1, written + unwritten);
        Assert.InRange(states.Bytes(AllocationState.Free), 1000L << 20, states.Length);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [Fact]
    public void A_volume_with_two_shadow_copies_has_no_map()
    {
        using var folder = new TempFolder("ntfs-sample");
        Tool.Require("tar");
        Tool.Run("tar", "--extract", "--sparse", "--file", Samples.Require("ntfs", "ntfs.tgz"), "--directory", folder);
        using var disk = RawDevice.OpenRead(folder.At("ntfs.raw"));
        var entry = new byte[8];
        disk.ReadAt(PartitionEntry + 8, entry);
        var start = BinaryPrimitives.ReadUInt32LittleEndian(entry) * (long)Sector;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(4)) * (long)Sector;
        var refusal = Assert.Throws<AllocationException>(() => VolumeMaps.TryOpen(new DeviceSource(disk, start, length)));
        Assert.Contains("shadow copies of its own", refusal.Message, StringComparison.Ordinal);
    }

    private static VolumeStates AssertJudged(TempFolder folder, NtfsImage image)
    {
        var states = VolumeStates.Of(image.Path, Seed.Random());
        var bitmap = image.Bitmap(folder);
        Assert.Equal(image.FreeClusters(), bitmap.Count(used => !used));
        states.AssertUsed(image.ClusterSize, 0, bitmap);
        return states;
    }

    // The volume of the disk's only partition; chunks of the pattern become holes.
    private static NtfsImage Unpack(TempFolder folder, string name, ReadOnlySpan<byte> pattern)
    {
        Tool.Require("ntfscat", "ntfsinfo");
        using var packed = new GZipStream(File.OpenRead(Samples.Require("ntfs", name)), CompressionMode.Decompress);
        using var volume = File.Create(folder.At("volume"));
        var chunk = new byte[Chunk];
        packed.ReadExactly(chunk);
        var start = BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(PartitionEntry + 8)) * Sector;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(PartitionEntry + 12)) * (long)Sector;
        Assert.Equal((long)Chunk, start);
        var hole = new byte[Chunk];
        for (var i = 0; i < hole.Length; i++)
        {
            hole[i] = pattern[i % pattern.Length];
        }

        for (long at = 0; at < length; at += Chunk)
        {
            packed.ReadExactly(chunk);
            if (!chunk.AsSpan().SequenceEqual(hole))
            {
                volume.Position = at;
                volume.Write(chunk);
            }
        }

        volume.SetLength(length);
        volume.Close();
        return NtfsImage.Of(volume.Name);
    }

    [GeneratedRegex(@"Allocated size:\s+(\d+)")]
    private static partial Regex AllocatedSize();
}
