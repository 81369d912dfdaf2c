using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Tidemark.Engine;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Allocation.Disks;
using Tidemark.Engine.Allocation.Lvm;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Maps of physical volumes that lvm2 made, with its own report as the judge.</summary>
public partial class LvmMapTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void Extents_that_nobody_has_are_free_and_a_volume_that_is_whole_here_is_looked_into()
    {
        using var folder = new TempFolder("lvmmap");
        var image = folder.Sparse("pv.img", 64 * MiB);
        var ext = ExtImage.Make(folder, 30, "-b", "1024");
        using var group = new LvmGroupMaker(folder, image);
        group.Create("root", "-l", "12", "");
        group.Create("gone", "-l", "10", "");
        group.Create("unknown", "-l", "3", "");
        group.Extend("root", "22");
        group.Remove("gone");
        group.Extend("root", "30");
        var segments = group.Segments(0);
        Lay(group.Device(0), ext, segments, "root");
        group.Dispose();

        Assert.True(segments.Count(segment => segment.Volume == "root") > 1);
        var usage = Usage(image, out var free);
        Assert.Equal(Expected(segments, Maps.FreeOf(ext), "root"), Merged(free));
        Assert.Equal(("lvm", null), (usage.Content, usage.WhyWhole));
    }

    [Fact]
    public void A_striped_volume_that_is_whole_here_is_looked_into()
    {
        using var folder = new TempFolder("lvmmap");
        var image = folder.Sparse("pv.img", 64 * MiB);
        var ext = ExtImage.Make(folder, 20, "-b", "1024");
        using var group = new LvmGroupMaker(folder, image);
        // lvm2 puts no two stripes onto one device by itself.
        group.Create("striped", "-l", "20", "");
        group.Describe(text => Segment().Replace(text, "stripe_count = 2\nstripe_size = 32\nstripes = [ \"pv0\", 3, \"pv0\", 20 ]"));
        group.Dispose();

        // By the definition of stripes: pieces of 16 KiB, the first from the first run of extents.
        var content = File.ReadAllBytes(ext);
        using (var file = File.OpenWrite(image))
        {
            for (var piece = 0; piece < content.Length / 16384; piece++)
            {
                file.Position = Place(piece * 16384L);
                file.Write(content, piece * 16384, 16384);
            }
        }

        var expected = new SortedSet<long>(Enumerable.Range(0, 62).Where(extent => extent is < 3 or > 12 and < 20 or > 29).SelectMany(
            extent => Enumerable.Range(0, 1024).Select(block => MiB + ((long)extent * MiB) + (block * 1024L))));
        foreach (var (start, end) in Maps.FreeOf(ext))
        {
            for (var at = start; at < end; at += 1024)
            {
                expected.Add(Place(at));
            }
        }

        Usage(image, out var free);
        Assert.Equal(Merged(expected.Select(at => (at, at + 1024))), Merged(free).Select(run => (run.Start, Math.Min(run.End, 63L * MiB))));

        static long Place(long at) => MiB + ((at / 16384 % 2 == 0 ? 3L : 20L) * MiB) + (at / 32768 * 16384) + (at % 16384);
    }

    [Fact]
    public void What_other_volumes_read_or_other_devices_have_a_part_of_is_used()
    {
        using var folder = new TempFolder("lvmmap");
        var (image, other) = (folder.Sparse("pv.img", 64 * MiB), folder.Sparse("other.img", 64 * MiB));
        var ext = ExtImage.Make(folder, 10, "-b", "1024");
        using var group = new LvmGroupMaker(folder, image, other);
        group.Create("origin", "-l", "10", group.Device(0));
        group.Create("both", "-l", "8", "-i", "2", "");
        group.Create("alone", "-l", "10", group.Device(0));
        var before = group.Segments(0);
        Lay(group.Device(0), ext, before, "origin");
        Lay(group.Device(0), ext, before, "alone");
        Tool.Run("sync", "-f", image);
        Usage(image, out var free);
        Assert.Equal(Expected(before, Maps.FreeOf(ext), "origin", "alone"), Merged(free));

        // A snapshot reads the blocks of its origin that were used when it was made.
        group.Create("cow", "-l", "4", group.Device(0));
        group.Describe(text => text.Replace(
            "logical_volumes {",
            """
            logical_volumes {
                snapshot0 {
                    id = "abcdef-abcd-abcd-abcd-abcd-abcd-abcdef"
                    status = ["READ", "WRITE", "VISIBLE"]
                    flags = []
                    segment_count = 1
                    segment1 {
                        start_extent = 0
                        extent_count = 10
                        type = "snapshot"
                        chunk_size = 8
                        origin = "origin"
                        cow_store = "cow"
                    }
                }
            """,
            StringComparison.Ordinal));
        var after = group.Segments(0);
        group.Dispose();
        Usage(image, out free);
        Assert.Equal(Expected(after, Maps.FreeOf(ext), "alone"), Merged(free));
    }

    [Fact]
    public void A_kind_of_volume_that_names_extents_in_its_own_way_is_read_whole()
    {
        using var folder = new TempFolder("lvmmap");
        var image = folder.Sparse("pv.img", 16 * MiB);
        using var group = new LvmGroupMaker(folder, image);
        group.Create("strange", "-l", "4", "");
        group.Dispose();
        Change(image, text => text.Replace("type = \"striped\"", "type = \"strange\"", StringComparison.Ordinal));
        Assert.Equal("one of its logical volumes is of a kind that isn't known here (strange)", Usage(image, out _).WhyWhole);
        Change(image, text => text.Replace("\"pv0\", 0", "\"pv0\", 9", StringComparison.Ordinal).Replace("strange\"", "striped\"", StringComparison.Ordinal));
        Assert.Null(Usage(image, out _).WhyWhole);
        Change(image, text => text.Replace("\"pv0\", 9", "\"pv0\", 99", StringComparison.Ordinal));
        Assert.Equal("its LVM metadata contradicts itself", Usage(image, out _).WhyWhole);
        Corrupt(image);
        Assert.Equal("the checksum of its LVM metadata is wrong", Usage(image, out _).WhyWhole);
    }

    [Fact]
    public void A_physical_volume_of_no_group_is_read_whole()
    {
        using var folder = new TempFolder("lvmmap");
        var image = folder.Sparse("pv.img", 16 * MiB);
        using var group = new LvmGroupMaker(folder, image);
        group.Create("volume", "-l", "4", "");
        group.Dispose();
        Header(image, header => BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), 0));
        Assert.Equal("its volume group isn't described on it", Usage(image, out _).WhyWhole);
    }

    [GeneratedRegex(@"stripe_count = 1[^\]]*\]")]
    private static partial Regex Segment();

    /// <summary>Changes the description in place, and the checksums with it.</summary>
    private static void Change(string image, Func<string, string> change) => Header(image, header =>
    {
        var at = 4096 + (int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40));
        var bytes = File.ReadAllBytes(image);
        var text = Encoding.ASCII.GetString(bytes, at, (int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(48)));
        var changed = Encoding.ASCII.GetBytes(change(text));
        changed.CopyTo(bytes, at);
        File.WriteAllBytes(image, bytes);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), changed.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(56), LvmChecksum.Of(changed));
    });

    private static void Corrupt(string image)
    {
        Header(image, header => header[56] ^= 1);
    }

    private static void Header(string image, Action<byte[]> change)
    {
        var header = File.ReadAllBytes(image)[4096..4608];
        change(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header, LvmChecksum.Of(header.AsSpan(4)));
        using var file = File.OpenWrite(image);
        file.Position = 4096;
        file.Write(header);
    }

    private static VolumeUsage Usage(string image, out List<(long Start, long End)> free)
    {
        using var device = RawDevice.OpenRead(image);
        using var map = DiskMap.Open(device);
        free = Maps.FreeOf(map);
        return Assert.Single(map.Volumes);
    }

    /// <summary>Puts a file system into a volume's extents.</summary>
    private static void Lay(string device, string content, IEnumerable<(long First, long Count, string Volume, long Logical)> segments, string volume)
    {
        var bytes = File.ReadAllBytes(content);
        using var file = File.OpenWrite(device);
        foreach (var segment in segments.Where(segment => segment.Volume == volume))
        {
            file.Position = MiB + (segment.First * MiB);
            file.Write(bytes, (int)segment.Logical * MiB, (int)segment.Count * MiB);
        }
    }

    private static List<(long Start, long End)> Expected(
        IEnumerable<(long First, long Count, string Volume, long Logical)> segments, List<(long Start, long End)> inner, params string[] mapped)
    {
        var free = new List<(long, long)>();
        foreach (var (first, count, volume, logical) in segments)
        {
            var (start, from) = (MiB + (first * MiB), logical * MiB);
            if (volume.Length == 0)
            {
                free.Add((start, start + (count * MiB)));
            }
            else if (mapped.Contains(volume))
            {
                free.AddRange(inner
                    .Select(run => (Math.Max(run.Start, from) - from + start, Math.Min(run.End, from + (count * MiB)) - from + start))
                    .Where(run => run.Item1 < run.Item2));
            }
        }

        return Merged(free);
    }

    private static List<(long Start, long End)> Merged(IEnumerable<(long Start, long End)> runs)
    {
        var merged = new List<(long Start, long End)>();
        foreach (var run in runs)
        {
            if (merged.Count > 0 && merged[^1].End == run.Start)
            {
                merged[^1] = (merged[^1].Start, run.End);
            }
            else
            {
                merged.Add(run);
            }
        }

        return merged;
    }
}
