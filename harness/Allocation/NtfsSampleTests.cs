using System.Buffers.Binary;
using System.IO.Compression;
using Tidemark.Engine.Allocation;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Volumes that Windows itself made, one partition to a disk.</summary>
public class NtfsSampleTests
{
    private const int Chunk = 64 << 10;
    private const int PartitionEntry = 446;
    private const int Sector = 512;

    [Fact]
    public void A_volume_with_clusters_of_2_MiB_is_mapped()
    {
        using var folder = new TempFolder("ntfs-sample");
        var image = Unpack(folder, "ntfs-2m.raw.gz", []);
        Assert.Equal(2 << 20, image.ClusterSize);
        AssertJudged(folder, image);
    }

    [Fact]
    public void What_a_volume_held_before_it_was_formatted_is_free()
    {
        using var folder = new TempFolder("ntfs-sample");
        var image = Unpack(folder, "ntfs-ptrn.raw.gz", "PTRN"u8);
        var states = AssertJudged(folder, image);

        // Whole chunks of the pattern became holes: the map calls all of them free, but for what a file got and never wrote.
        var holes = Tool.Run("bash", "-c", "du --block-size=1 \"$1\" | cut -f1", "bash", image.Path).Output;
        var written = long.Parse(holes, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(states.UsedBytes, 1, written + (4 << 20));
        Assert.InRange(states.Bytes(AllocationState.Free), 1000L << 20, states.Length);
    }

    private static VolumeStates AssertJudged(TempFolder folder, NtfsImage image)
    {
        var states = VolumeStates.Of(image.Path, Seed.Random());
        var bitmap = image.Bitmap(folder);
        Assert.Equal(image.FreeClusters(), bitmap.Count(used => !used));
        states.AssertUsed(image.ClusterSize, 0, bitmap);
        return states;
    }

    // The volume of the disk's only partition; chunks of zeros, and of the pattern, become holes.
    private static NtfsImage Unpack(TempFolder folder, string name, ReadOnlySpan<byte> pattern)
    {
        using var packed = new GZipStream(File.OpenRead(Samples.Require("ntfs", name)), CompressionMode.Decompress);
        using var volume = File.Create(folder.At("volume"));
        var chunk = new byte[Chunk];
        packed.ReadExactly(chunk);
        var start = BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(PartitionEntry + 8)) * Sector;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(PartitionEntry + 12)) * (long)Sector;
        Assert.Equal(Chunk, start);
        var hole = new byte[Chunk];
        for (var i = 0; pattern.Length > 0 && i < hole.Length; i++)
        {
            hole[i] = pattern[i % pattern.Length];
        }

        for (long at = 0; at < length; at += Chunk)
        {
            packed.ReadExactly(chunk);
            if (chunk.AsSpan().ContainsAnyExcept((byte)0) && !chunk.AsSpan().SequenceEqual(hole))
            {
                volume.Position = at;
                volume.Write(chunk);
            }
        }

        volume.SetLength(length);
        volume.Close();
        return NtfsImage.Of(volume.Name);
    }
}
