using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Maps of images in files, walked from end to end.</summary>
internal static class Maps
{
    /// <summary>The free ranges of a volume in a file, in bytes; fails where it has no map.</summary>
    public static List<(long Start, long End)> FreeOf(string image)
    {
        using var device = RawDevice.OpenRead(image);
        using var map = VolumeMaps.TryOpen(new DeviceSource(device, 0, device.Length));
        Assert.NotNull(map);
        return FreeOf(map);
    }

    /// <summary>The free ranges of a map, whose extents have to follow each other and to add up to its totals.</summary>
    public static List<(long Start, long End)> FreeOf(AllocationMap map)
    {
        var free = new List<(long Start, long End)>();
        var used = 0L;
        for (var offset = 0L; offset < map.Length;)
        {
            var extent = map.ExtentAt(offset);
            Assert.Equal(offset, extent.Offset);
            Assert.InRange(extent.Length, 1, map.Length - offset);
            if (extent.State == AllocationState.Free)
            {
                free.Add((extent.Offset, extent.End));
            }
            else
            {
                used += extent.State == AllocationState.Used ? extent.Length : 0;
            }

            offset = extent.End;
        }

        Assert.Equal(used, map.UsedBytes);
        return free;
    }

    /// <summary>Why a volume's map isn't believed; fails where it is, and where there is none.</summary>
    public static string WhyNot(string image)
    {
        using var device = RawDevice.OpenRead(image);
        return Assert.Throws<AllocationException>(() => VolumeMaps.TryOpen(new DeviceSource(device, 0, device.Length))).Message;
    }

    /// <summary>Fills ranges of an image with noise.</summary>
    public static void Scribble(string image, IEnumerable<(long Start, long End)> ranges, Random random)
    {
        using var file = File.OpenWrite(image);
        foreach (var (start, end) in ranges)
        {
            var noise = new byte[end - start];
            random.NextBytes(noise);
            file.Position = start;
            file.Write(noise);
        }
    }
}
