using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>What the map of a file says, read to its end and checked against its own promises.</summary>
internal sealed class MapReading
{
    /// <summary>Places asked for in any order after the walk, which has to say the same.</summary>
    private const int Probes = 64;

    private MapReading(string path, AllocationMap map, IReadOnlyList<AllocationExtent> free)
    {
        Path = path;
        FileSystem = map.FileSystem;
        Length = map.Length;
        UsedBytes = map.UsedBytes;
        Free = free;
    }

    public string Path { get; }

    public string FileSystem { get; }

    public long Length { get; }

    public long UsedBytes { get; }

    /// <summary>The free extents, in order; neighbours are one.</summary>
    public IReadOnlyList<AllocationExtent> Free { get; }

    /// <summary>Reads the map of the volume in a file or device.</summary>
    /// <exception cref="AllocationException">It isn't to be believed.</exception>
    public static MapReading Of(string path, Random random)
    {
        using var device = RawDevice.OpenRead(path);
        var source = new DeviceSource(device, 0, device.Length);
        using var map = VolumeMaps.TryOpen(source);
        Assert.NotNull(map);
        Assert.InRange(map.Length, 1, device.Length);
        var free = new List<AllocationExtent>();
        for (long at = 0; at < map.Length;)
        {
            var extent = map.ExtentAt(at);
            if (extent.State == AllocationState.Free)
            {
                if (free.Count > 0 && free[^1].End == at)
                {
                    free[^1] = free[^1] with { Length = free[^1].Length + extent.Length };
                }
                else
                {
                    free.Add(extent);
                }
            }

            at = extent.End;
        }

        Assert.Equal(map.UsedBytes, map.Length - free.Sum(extent => extent.Length));
        var reading = new MapReading(path, map, free);
        for (var i = 0; i < Probes; i++)
        {
            var extent = map.ExtentAt(random.NextInt64(map.Length));
            Assert.Equal(reading.StateAt(extent.Offset), extent.State);
            Assert.Equal(reading.StateAt(extent.End - 1), extent.State);
        }

        return reading;
    }

    /// <summary>The reason why a map isn't believed; null where it is.</summary>
    public static string? Refusal(string path)
    {
        using var device = RawDevice.OpenRead(path);
        try
        {
            using var map = VolumeMaps.TryOpen(new DeviceSource(device, 0, device.Length));
            Assert.NotNull(map);
            return null;
        }
        catch (AllocationException e)
        {
            return e.Message;
        }
    }

    /// <summary>Fills all that is called free with random bytes.</summary>
    public void Scribble(Random random)
    {
        // Noise of a length that no block has goes round.
        var noise = new byte[(4 << 20) - 1];
        random.NextBytes(noise);
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        foreach (var extent in Free)
        {
            file.Position = extent.Offset;
            for (var left = extent.Length; left > 0;)
            {
                var piece = noise.AsSpan(0, (int)Math.Min(left, noise.Length));
                file.Write(piece);
                left -= piece.Length;
            }
        }

        file.Flush(flushToDisk: false);
    }

    /// <summary>Fails with the first range that one calls free and the other doesn't.</summary>
    public void AssertFree(IEnumerable<(long Offset, long Length)> expected)
    {
        var merged = Merge(expected);
        for (var i = 0; i < Math.Max(merged.Count, Free.Count); i++)
        {
            var wanted = i < merged.Count ? merged[i].ToString() : "none";
            var actual = i < Free.Count ? (Free[i].Offset, Free[i].Length).ToString() : "none";
            Assert.True(wanted == actual, $"Free extent {i}: the judge says {wanted}, the map {actual}.");
        }
    }

    private static List<(long Offset, long Length)> Merge(IEnumerable<(long Offset, long Length)> extents)
    {
        var merged = new List<(long Offset, long Length)>();
        foreach (var extent in extents.OrderBy(extent => extent.Offset))
        {
            if (merged.Count > 0 && merged[^1].Offset + merged[^1].Length == extent.Offset)
            {
                merged[^1] = (merged[^1].Offset, merged[^1].Length + extent.Length);
            }
            else
            {
                merged.Add(extent);
            }
        }

        return merged;
    }

    private AllocationState StateAt(long offset)
    {
        var (low, high) = (0, Free.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Free[middle].End <= offset ? (middle + 1, high) : (low, middle);
        }

        return low < Free.Count && Free[low].Offset <= offset ? AllocationState.Free : AllocationState.Used;
    }
}
